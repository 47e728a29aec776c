"""What each kind of layer and optimiser shows of an update; a file that lies here is found."""

from netbuilder.registry import import_all

import_all(__name__, __path__)
