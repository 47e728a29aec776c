"""The heatmaps of layers."""
