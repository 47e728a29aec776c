"""Training: the loop as a generator, the worker thread, and what the views get to see. No Qt."""
