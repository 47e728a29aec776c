"""What generated code is made of: literals, slices of our own files, a table's columns."""
