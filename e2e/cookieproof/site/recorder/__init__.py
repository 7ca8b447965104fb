"""The recorder: an HTTP proxy for each visitor, which passes everything on unchanged and records it."""
