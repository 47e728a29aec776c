"""Files that are read, one format each: whatever lies here adds its row to the readers."""
