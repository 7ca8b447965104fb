"""Web sites under test, and what is recorded between them and browsers."""
