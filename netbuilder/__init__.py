"""netbuilder: build neural networks by hand, watch them learn, take the weights away."""

__version__ = "0.1.0"
