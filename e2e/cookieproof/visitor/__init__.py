"""Visitors: persons with a browser profile each, and what their browsers send and hold."""
