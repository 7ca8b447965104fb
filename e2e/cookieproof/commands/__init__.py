"""What ``python -m cookieproof`` does."""
