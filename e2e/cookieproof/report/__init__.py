"""What a run leaves to read: ``results.json``, the page, JUnit and Markdown; and how many runs become one.

``results`` is the data, ``reading`` and ``writing`` its file, ``merging`` makes one of many, ``page`` is what people
look at. Nothing here starts a browser.
"""
