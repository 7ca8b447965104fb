"""Visitors: people with a browser profile each, and what their browsers send and store."""
