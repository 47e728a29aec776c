"""Taking the weights away: one file a format."""
