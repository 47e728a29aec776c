"""What PyTorch and Keras call losses and optimisers, where they learn as we do."""

from __future__ import annotations

from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.registry import Facet

TORCH_LOSSES: Facet[str] = Facet(LOSSES, "torch losses")
"""J of Y_hat and Y, (m, n_y): a sum over the outputs, averaged over the examples."""
TORCH_LOSSES.add("binary_cross_entropy", "F.binary_cross_entropy(Y_hat, Y)")
TORCH_LOSSES.add("cross_entropy", "-(Y * torch.log(Y_hat.clamp_min(1e-12))).sum(dim=1).mean()")
TORCH_LOSSES.add("mse", "((Y_hat - Y) ** 2 / 2).sum(dim=1).mean()")
TORCH_LOSSES.add("mae", "(Y_hat - Y).abs().sum(dim=1).mean()")
TORCH_LOSSES.add("huber", 'F.huber_loss(Y_hat, Y, reduction="none").sum(dim=1).mean()')

KERAS_LOSSES: Facet[str] = Facet(LOSSES, "Keras losses")
"""The loss of each example, of y_hat and y (m, n_y); Keras takes the mean."""
KERAS_LOSSES.add("binary_cross_entropy", "keras.losses.binary_crossentropy(y, y_hat)")
KERAS_LOSSES.add("cross_entropy", "keras.losses.categorical_crossentropy(y, y_hat)")
KERAS_LOSSES.add("mse", "keras.ops.sum((y_hat - y) ** 2 / 2, axis=-1)")
KERAS_LOSSES.add("mae", "keras.ops.sum(keras.ops.abs(y_hat - y), axis=-1)")
KERAS_LOSSES.add("huber", "y.shape[-1] * keras.losses.huber(y, y_hat)")

TORCH_OPTIMIZERS: Facet[str] = Facet(OPTIMIZERS, "torch optimisers")
"""Its momentum is a sum where ours is a mean: the learning rate makes up for it."""
TORCH_OPTIMIZERS.add("gd", "torch.optim.SGD(GROUPS, lr=LEARNING_RATE)")
TORCH_OPTIMIZERS.add(
    "momentum", "torch.optim.SGD(GROUPS, lr=LEARNING_RATE * (1 - BETA), momentum=BETA)"
)
TORCH_OPTIMIZERS.add(
    "nesterov",
    "torch.optim.SGD(GROUPS, lr=LEARNING_RATE * (1 - BETA), momentum=BETA, nesterov=True)",
)
TORCH_OPTIMIZERS.add("rmsprop", "torch.optim.RMSprop(GROUPS, lr=LEARNING_RATE, alpha=BETA)")
TORCH_OPTIMIZERS.add("adam", "torch.optim.Adam(GROUPS, lr=LEARNING_RATE, betas=(BETA, 0.999))")
TORCH_OPTIMIZERS.add("adamw", "torch.optim.AdamW(GROUPS, lr=LEARNING_RATE, betas=(BETA, 0.999))")

KERAS_OPTIMIZERS: Facet[str] = Facet(OPTIMIZERS, "Keras optimisers")
_SUM = "learning_rate=LEARNING_RATE * (1 - BETA), momentum=BETA"
KERAS_OPTIMIZERS.add("gd", "keras.optimizers.SGD(learning_rate=LEARNING_RATE)")
KERAS_OPTIMIZERS.add("momentum", f"keras.optimizers.SGD({_SUM})")
KERAS_OPTIMIZERS.add("nesterov", f"keras.optimizers.SGD({_SUM}, nesterov=True)")
_MEAN = "learning_rate=LEARNING_RATE, rho=BETA, epsilon=1e-8"
KERAS_OPTIMIZERS.add("rmsprop", f"keras.optimizers.RMSprop({_MEAN})")
_BOTH = "learning_rate=LEARNING_RATE, beta_1=BETA, epsilon=1e-8"
KERAS_OPTIMIZERS.add("adam", f"keras.optimizers.Adam({_BOTH})")
KERAS_OPTIMIZERS.add("adamw", f"keras.optimizers.AdamW({_BOTH}, weight_decay=None)")
