"""The panel that predicts: an example of the user's own, and what the network says of it."""
