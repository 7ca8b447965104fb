"""Promises about cookies, and how they are proven."""
