"""The code blocks of the documents, and what the tests do with each kind.

``python -m tests.documents`` lists all blocks with their kinds and the tests that load them.
"""
