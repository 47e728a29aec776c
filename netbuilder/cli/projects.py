"""The commands that make a project and that show one."""

from __future__ import annotations

import argparse
import contextlib
import math
from pathlib import Path
from typing import Any

from netbuilder.cli.data_options import reading_of, roles_of, told_of
from netbuilder.cli.opening import plan_of, stored_run
from netbuilder.cli.terminal import OK, epochs, notices, print_table, say
from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file.storage import before_sharing, load, save
from netbuilder.document.model.datasets import dataset_of, prepared
from netbuilder.document.templates import data_choice, new_project
from netbuilder.engine.layer import Layer, Shape
from netbuilder.errors import UserError
from netbuilder.lens.names import counts, summary


def new(arguments: argparse.Namespace) -> int:
    """Writes a project that can be trained; what cannot is refused with what helps."""
    check_project_name(arguments.out)
    if not arguments.force:
        check_not_trained(arguments.out)
    if arguments.layers is not None and not arguments.layers.strip():
        raise UserError(
            'No layers were given; expected units and activation, as in "4 tanh, 1 sigmoid".'
        )
    given: dict[str, Any] = {
        name: value
        for name in ("scale", "target_scale", "validation", "test", "test_data")
        if (value := getattr(arguments, name)) is not None
    }
    given |= {"roles": roles_of(arguments), "reading": reading_of(arguments)}
    choice = data_choice(arguments.data, **given)
    seed = {} if arguments.seed is None else {"seed": arguments.seed}
    project = new_project(choice, arguments.layers or "", arguments.loss, arguments.init, **seed)
    dataset = prepared(project.data)  # a plane that is to be drawn in has no example yet
    plan = plan_of(compile_project(project, dataset.info))
    save(arguments.out, project, None)
    shared = before_sharing(arguments.out, project)
    notices((*told_of(choice.reading), *dataset.notices, *([shared] if shared else [])))
    say(f"{arguments.out}: {summary(plan)}")
    return OK


def show(arguments: argparse.Namespace) -> int:
    """Prints what the window would show; a network with problems is no failure."""
    loaded = load(arguments.file)
    project = loaded.project
    info, m = None, 0
    # Where there is no data, load has warned of it, with the reason.
    with contextlib.suppress(UserError):
        dataset = dataset_of(project.data)
        info, m = dataset.info, dataset.train.m
    compiled = compile_project(project, info)

    say(f"{arguments.file}: {'no data' if info is None else _data_line(info)}")
    rows = [("l", "layer", "type", "output (n, m)", "W", "b", "parameters")]
    layers = total = 0
    for id in project.network.order:
        node = project.network.node(id)
        shapes = compiled.parameter_shapes.get(id, {})
        output = compiled.shapes.get(id) if node.layer.has_output else None
        count = sum(math.prod(shape) for shape in shapes.values())
        layers, total = layers + bool(shapes), total + count
        rows.append(
            (
                str(layers) if shapes else "",
                node.name,
                " ".join([node.layer.title, *_settings(node.layer)]),
                str((*output, m)) if output else "",
                _parameter(shapes, "W", "gamma"),
                _parameter(shapes, "b", "beta"),
                f"{count:,}" if count else "",
            )
        )
    print_table(rows, right={6})
    run, warnings = None, loaded.warnings
    if compiled.plan is not None:
        run, more = stored_run(loaded, compiled.plan, dataset)
        warnings += more
    state = "trained" if loaded.weights else "not trained yet"
    say(f"{total:,} parameters, seed {project.seed}, {state}")
    if run is not None:
        cost = "" if math.isnan(run.state.cost) else f", cost {run.state.cost:.6g}"
        say(f"trained for {epochs(run.state.epoch)}, {run.state.step:,} updates{cost}")
    for warning in warnings:
        say(f"warning: {warning}")
    for problem in compiled.problems:
        remedy = "" if problem.fix is None else f" What helps: {problem.fix.label}."
        say(f"{problem.severity}: {problem.message}{remedy}")
    if not compiled.problems:
        say("no problems")
    if arguments.statistics and compiled.plan is not None:
        from netbuilder.cli.statistics import print_statistics  # training, which else is not needed

        say()
        print_statistics(compiled.plan, dataset, project, loaded.weights or {})
    return OK


def check_not_trained(path: Path) -> None:
    """Raises UserError where a project would be replaced that was trained, or may have been."""
    if not path.is_file():
        return
    try:
        trained = load(path).weights is not None
    except UserError as error:
        raise UserError("{reason} Give --force to replace it.", reason=error.message) from error
    if trained:
        raise UserError(
            "{path} holds a trained network; give --force to replace it, or another name.",
            path=str(path),
        )


def check_project_name(path: Path) -> None:
    """Raises UserError for a name that would later not be taken for a project."""
    if path.suffix.lower() != ".netb":
        raise UserError(
            "{path} is no name for a project: expected one that ends in .netb.", path=str(path)
        )


def _data_line(info: DataInfo) -> str:
    if info.task == "regression":
        predicts = f"predicts {', '.join(info.target_names)}"
    else:
        shown = ", ".join(info.class_names[:10]) + (", …" if len(info.class_names) > 10 else "")
        predicts = f"{len(info.class_names)} classes ({shown})"
    return f"{info.name}, {counts(info)}, {info.n_x:,} features, {predicts}"


def _parameter(shapes: dict[str, Shape], name: str, of_norm: str) -> str:
    """A parameter's shape; those of a norm stand in the columns of W and b, with their names."""
    if of_norm in shapes:
        return f"{of_norm} {shapes[of_norm]}"
    return str(shapes.get(name, ""))


_IN_SHAPES = ("units", "filters", "kernel", "channels", "height", "width", "initializer", "frozen")


def _settings(layer: Layer) -> list[str]:
    """What a layer is set to, without what its shapes say."""
    found = []
    for setting in layer.settings():
        value = getattr(layer, setting.name)
        if setting.name in _IN_SHAPES or value == 0:
            continue
        found.append(value if setting.type is str else f"{setting.name} {value}")
    frozen = layer.frozen_parameters
    return [*found, f"({' and '.join(frozen)} frozen)"] if frozen else found
