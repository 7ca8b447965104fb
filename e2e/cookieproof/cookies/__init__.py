"""Parses cookies as browsers do (RFC 6265bis), and explains what happened to each. Pure: nothing here does I/O."""
