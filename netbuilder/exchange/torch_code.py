"""The network as a Python file for PyTorch, its weights as safetensors beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.exchange.code.frameworks import TORCH_LOSSES, TORCH_OPTIMIZERS
from netbuilder.exchange.code.parts import definitions, split_column, table_parts
from netbuilder.exchange.code.settings import constants, factor_of, factor_parts, settings_of
from netbuilder.exchange.code.text import Raw, assigned, string, with_imports
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.safetensors_file import content
from netbuilder.exchange.torch_network import torch_network
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes the code, and beside it ``<stem>_weights.safetensors``, which it loads.

    Raises UserError, before anything is written, for what the code cannot hold.
    """
    beside = path.with_name(_beside(path.stem))
    text, tensors = source(trained, path.stem), content(trained)
    with replacing(beside) as weights, replacing(path) as code:
        weights.write(tensors)
        code.write(text.encode())


def _beside(stem: str) -> str:
    return f"{stem}_weights.safetensors"


def source(trained: Trained, stem: str) -> str:
    """The code of a file of that name, which loads its weights from another beside it."""
    network, task, settings = torch_network(trained), trained.info.task, settings_of(trained)
    double = any(array.dtype == np.float64 for array in trained.weights.values())
    column, rows = split_column(
        definitions("prepare", "read_rows", f"{task}_answers", f"{task}_targets")
    )
    train = _training(trained)
    return with_imports(
        _DOCSTRING,
        [
            "Array = NDArray[Any]",
            assigned("WEIGHTS", Raw(f"Path(__file__).with_name({string(_beside(stem))})"))
            + "\n"
            + assigned("DTYPE", Raw("torch.float64" if double else "torch.float32")),
            constants(trained, train, ("L2", "clipped gradients")),
            column,
            *table_parts(trained),
            *rows,
            network.text,
            _DOORS.replace("ANSWERS", f"{task}_answers"),
            *factor_parts(settings),
            train.replace("TARGETS(", f"{task}_targets("),
            _MAIN,
        ],
    )


def _training(trained: Trained) -> str:
    """The loss and the loop."""
    settings = settings_of(trained)
    optimizer = TORCH_OPTIMIZERS[settings.optimizer]
    decays = settings.l2 > 0 and OPTIMIZERS[settings.optimizer].decoupled
    adds = settings.l2 > 0 and not decays
    groups, more = "network.parameters()", []
    if decays or adds:
        more.append(
            "    kinds = (nn.Linear, nn.Conv2d)\n"
            "    W = [layer.weight for layer in network.modules() if isinstance(layer, kinds)]"
        )
    if decays:
        groups = "groups"
        more.append(
            "    others = [p for p in network.parameters() if not any(p is w for w in W)]\n"
            "    groups: list[dict[str, Any]] = [\n"
            '        {"params": W, "weight_decay": LAMBDA / len(data)},\n'
            '        {"params": others, "weight_decay": 0.0},\n'
            "    ]"
        )
    text = f"    optimizer = {optimizer.replace('GROUPS', groups)}"
    if len(text) > 100:
        head, _, tail = text.partition("(")
        text = f"{head}(\n        {tail[:-1]}\n    )"
    more.append(text)
    factor = factor_of(settings)
    if factor:
        more.append(
            "    schedule = torch.optim.lr_scheduler.LambdaLR(\n"
            f"        optimizer, lambda epoch: {factor}(epoch, DECAY, PERIOD)\n    )"
        )
    step = ["            J = loss(model(x), y)"]
    if adds:
        step.append(
            "            J = J + LAMBDA / (2 * processes * len(x)) * sum((w**2).sum() for w in W)"
        )
    step += ["            optimizer.zero_grad()", "            J.backward()"]
    if settings.clip_norm > 0:
        step.append("            nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)")
    step.append("            optimizer.step()")
    return (
        _TRAIN.replace("LOSS", TORCH_LOSSES[trained.plan.loss])
        .replace("    MORE", "\n".join(more))
        .replace("            STEP", "\n".join(step))
        .replace("        AFTER\n", "        schedule.step()\n" if factor else "")
    )


_DOCSTRING = """\
A network drawn in netbuilder, for PyTorch.

Import it for predict(rows), which takes rows of the table by column name, or run it:

    python THIS.py predict ROWS.csv
    python THIS.py train TABLE.csv
    torchrun --nproc-per-node 2 THIS.py train TABLE.csv

torchrun trains with several processes, on more than one machine with --nnodes.
"""

_DOORS = '''\
def load_network() -> Network:
    """The network with what it has learned."""
    network = Network().to(DTYPE)
    network.load_state_dict(load_file(WEIGHTS))
    return network.eval()


def outputs(rows: Sequence[Mapping[str, Any]]) -> Array:
    """What the network puts out for rows of the table, (m, n_y)."""
    with torch.no_grad():
        return load_network()(torch.tensor(prepare(rows), dtype=DTYPE)).numpy()


def predict(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The answer to each row, in the table's own words or units."""
    return ANSWERS(outputs(rows))'''

_TRAIN = '''\
def loss(Y_hat: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """J, the mean over the examples."""
    return LOSS


def train(rows: Sequence[Mapping[str, Any]]) -> Network:
    """Trains a new network on rows with their targets; under torchrun each process has a share."""
    several = "RANK" in os.environ
    if several:
        dist.init_process_group()
    processes, rank = (dist.get_world_size(), dist.get_rank()) if several else (1, 0)
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    torch.manual_seed(SEED)
    network = Network().to(device, DTYPE)
    model = DistributedDataParallel(network) if several else network
    known = [row for row in rows if all(word(row[name]) for name in TARGETS)]
    X, Y = prepare(known), TARGETS(known)
    data = TensorDataset(torch.tensor(X, dtype=DTYPE), torch.tensor(Y, dtype=DTYPE))
    sampler = DistributedSampler(data) if several else None
    share = max(1, (BATCH_SIZE or len(data)) // processes)
    loader = DataLoader(data, batch_size=share, shuffle=sampler is None, sampler=sampler)
    MORE
    for epoch in range(EPOCHS):
        if sampler is not None:
            sampler.set_epoch(epoch)
        total = 0.0
        for batch in loader:
            x, y = (part.to(device) for part in batch)
            STEP
            total += J.item() * len(x)
        AFTER
        if rank == 0 and (epoch + 1) % max(1, EPOCHS // 10) == 0:
            print(f"epoch {epoch + 1}: cost {total * processes / len(data):.6f}")
    if rank == 0:
        state = {name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}
        save_file(state, WEIGHTS.with_stem(f"{WEIGHTS.stem}_new"))
    if several:
        dist.destroy_process_group()
    return network.cpu().eval()'''

_MAIN = """\
if __name__ == "__main__":
    match sys.argv[1:]:
        case ["predict", path]:
            for answer in predict(read_rows(path)):
                print(answer)
        case ["train", path]:
            train(read_rows(path))
        case _:
            sys.exit(f"usage: python {sys.argv[0]} predict|train TABLE.csv")"""

FORMATS.add(
    "torch_code",
    Format(
        "torch_code",
        "PyTorch code",
        ".py",
        "a module of PyTorch that predicts and trains, weights beside it",
        save,
        "torch",
        source,
    ),
)
