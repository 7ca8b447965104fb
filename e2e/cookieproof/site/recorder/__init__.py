"""The recorder: each visitor's own HTTP proxy, which passes everything on as it came and writes down what it was."""
