"""The microscope: one update from the inside, step by step."""
