"""Training: the loop, the thread it runs on, and what the views get to see of it."""
