"""netbuilder: build neural networks by hand, watch them learn, take the weights away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netbuilder.exchange.model import Model

__version__ = "0.1.0"


def load(path: str | Path) -> Model:
    """A trained project, which takes raw examples: predict, predict_proba, score, history.

    Raises UserError when the file cannot be read, or holds no trained network.
    """
    # Imported late: the command line imports this package for its version alone.
    from netbuilder.exchange.model import load as load_model

    return load_model(path)
