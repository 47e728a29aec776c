"""PyTorch's schedulers give the same learning rates, epoch by epoch and multiplied together."""

import pytest

from netbuilder.engine.schedules import rate

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch")

ALPHA, GAMMA, T, W = 0.3, 0.7, 8, 5
EPOCHS = 30
schedulers = torch.optim.lr_scheduler

PEERS = {
    "constant": lambda optimizer: schedulers.ConstantLR(optimizer, factor=1.0),
    "step": lambda optimizer: schedulers.StepLR(optimizer, T, GAMMA),
    "exponential": lambda optimizer: schedulers.ExponentialLR(optimizer, GAMMA ** (1 / T)),
    "inverse_time": lambda optimizer: schedulers.LambdaLR(
        optimizer, lambda epoch: 1 / (1 + GAMMA * epoch / T)
    ),
    "inverse_steps": lambda optimizer: schedulers.LambdaLR(
        optimizer, lambda epoch: 1 / (1 + GAMMA * (max(epoch - 1, 0) // T))
    ),
    "cosine": lambda optimizer: schedulers.CosineAnnealingLR(optimizer, T_max=T),
}


def warm_up(optimizer):
    """From 1/w to 1 in w epochs: the first of them is no epoch without learning."""
    return schedulers.LinearLR(optimizer, start_factor=1 / W, end_factor=1.0, total_iters=W - 1)


def learning_rates(epochs, *makers):
    """Those in force in so many epochs of an optimiser with all of these schedulers."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=ALPHA)
    chained = schedulers.ChainedScheduler([make(optimizer) for make in makers])
    found = []
    for _ in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        chained.step()
    return found


def epochs_of(schedule):
    # After T_max PyTorch's cosine rises again; ours stays at 0.
    return T + 1 if schedule == "cosine" else EPOCHS


@pytest.mark.parametrize("schedule", PEERS)
def test_every_schedule(schedule):
    epochs = epochs_of(schedule)
    ours = [rate(schedule, t, ALPHA, GAMMA, T, 0) for t in range(epochs)]
    assert ours == pytest.approx(learning_rates(epochs, PEERS[schedule]), rel=1e-12, abs=1e-16)


# LambdaLR forgets what other schedulers did, so it cannot be multiplied with a warm-up.
@pytest.mark.parametrize("schedule", [name for name in PEERS if "inverse" not in name])
def test_every_schedule_behind_a_warm_up(schedule):
    epochs = epochs_of(schedule)
    ours = [rate(schedule, t, ALPHA, GAMMA, T, W, share=1.0) for t in range(epochs)]
    theirs = learning_rates(epochs, warm_up, PEERS[schedule])
    assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-16)
