"""The file: a project written and read back, every value checked."""
