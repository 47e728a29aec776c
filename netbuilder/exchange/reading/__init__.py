"""Taking networks and weights in: one file a format, nothing of which is run."""
