"""The commands of ``python -m cookieproof``."""
