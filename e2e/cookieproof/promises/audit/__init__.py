"""The session requirements of OWASP WSTG and ASVS, proven on one declared account."""
