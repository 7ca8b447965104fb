"""Browsers: one file for each engine, how they start and end, and what they leave on disk."""
