"""The document: immutable values that the user edits, their history, compilation and files."""
