"""The wall clock that sites and browsers share."""
