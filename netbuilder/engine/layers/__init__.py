"""The layer types, one file each; importing this package registers them all."""

from netbuilder.engine.layers.activation import Activation
from netbuilder.engine.layers.add import Add
from netbuilder.engine.layers.avg_pool2d import AvgPool2D
from netbuilder.engine.layers.batch_norm import BatchNorm
from netbuilder.engine.layers.concatenate import Concatenate
from netbuilder.engine.layers.conv2d import Conv2D
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.dropout import Dropout
from netbuilder.engine.layers.flatten import Flatten
from netbuilder.engine.layers.global_avg_pool2d import GlobalAvgPool2D
from netbuilder.engine.layers.input import Input
from netbuilder.engine.layers.layer_norm import LayerNorm
from netbuilder.engine.layers.max_pool2d import MaxPool2D
from netbuilder.engine.layers.multiply import Multiply
from netbuilder.engine.layers.reshape import Reshape

__all__ = [
    "Activation",
    "Add",
    "AvgPool2D",
    "BatchNorm",
    "Concatenate",
    "Conv2D",
    "Cost",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "Input",
    "LayerNorm",
    "MaxPool2D",
    "Multiply",
    "Reshape",
]
