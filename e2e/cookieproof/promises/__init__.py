"""Promises about cookies, sessions and storages, and the scenarios that prove them."""
