"""Browsers: a file for each engine, how each starts and ends, and the cookies that it leaves on disk."""
