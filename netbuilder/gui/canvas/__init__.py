"""The canvas: where networks are built by hand."""
