"""The files that a run writes: ``results.json``, the report, JUnit XML and Markdown; and the merging of runs.

``results`` defines the data, ``files`` reads and writes its file, ``merging`` merges several into one, and ``page`` is
the report. Nothing here starts a browser.
"""
