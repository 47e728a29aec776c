"""Runs: what is kept of a training, as values: its log of all numbers, and moments of it."""
