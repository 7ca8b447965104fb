"""What a cookie is, read as browsers do (RFC 6265bis), and what became of one. Pure: nothing here does I/O."""
