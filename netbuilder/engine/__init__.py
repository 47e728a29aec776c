"""The NumPy engine: layers, losses, optimisers and the program that runs them. No Qt, no files.

What a notebook needs is here, and the layers are in ``netbuilder.engine.layers``.
"""

from netbuilder.engine.metrics import evaluate
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

__all__ = ["OPTIMIZERS", "Program", "chain", "evaluate"]
