"""The analysis: a table of all layers, and what a tutor would say of them."""
