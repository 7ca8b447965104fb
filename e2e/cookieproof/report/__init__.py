"""What a run leaves to read: ``results.json``, the page, JUnit and Markdown; and how many runs become one.

``results`` is the data, ``files`` reads and writes its file, ``merging`` makes one of many, ``page`` is what people
read. Nothing here starts a browser.
"""
