"""A person with a browser."""
