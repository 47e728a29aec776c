"""The cost curve."""
