"""The lens: what a network means, worked out from a moment of a run and the data. No Qt in here."""
