"""The NumPy engine: layers, losses, optimisers and the program that runs them. No Qt, no files."""
