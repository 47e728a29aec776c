"""Compiling: from the network as drawn to a plan for the engine, and problems with remedies."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.fitting import fit_to, other_data
from netbuilder.document.check.habits import habits
from netbuilder.document.check.memory import memory_findings
from netbuilder.document.check.output import output_findings
from netbuilder.document.check.problems import SEVERITIES, Finding, Fix, Problem, finding
from netbuilder.document.check.structure import Structure, examine
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.network import DATA, Network
from netbuilder.document.model.project import DataChoice, Project
from netbuilder.engine.layer import Shape
from netbuilder.engine.program import Plan, PlanNode, Weights
from netbuilder.errors import Message, UserError

__all__ = ["Compiled", "Fix", "Problem", "compile_project", "surviving"]


@dataclass(frozen=True)
class Compiled:
    """What became of a project: a plan when it can train, and all that there is to say about it."""

    plan: Plan | None
    problems: tuple[Problem, ...]
    """Errors first, then warnings, then hints."""
    shapes: dict[str, Shape]
    """Node id -> the shape of one example of its output, as far as it is known."""
    parameter_shapes: dict[str, dict[str, Shape]]
    """Node id -> {"W": (n_out, n_in), "b": (n_out, 1)}, as far as they are known."""
    statistic_shapes: dict[str, dict[str, Shape]]
    """Likewise of what layers remember of the batches they saw."""
    info: DataInfo | None

    @property
    def ok(self) -> bool:
        """Whether it can train."""
        return self.plan is not None

    def problems_of(self, id: str) -> tuple[Problem, ...]:
        return self._problems_by_node.get(id, ())

    @cached_property
    def _problems_by_node(self) -> dict[str | None, tuple[Problem, ...]]:
        found: dict[str | None, tuple[Problem, ...]] = {}
        for problem in self.problems:
            found[problem.node] = (*found.get(problem.node, ()), problem)
        return found


def compile_project(project: Project, info: DataInfo | None) -> Compiled:
    """The plan and the problems of a project; ``info`` is None when there is no data to be had.

    Never raises: a half-built network is a normal state. A fix is offered only after it was tried:
    it leaves fewer errors, or as many errors and fewer warnings, and so on down to hints. Where
    there are very many problems, the last ones get theirs once others are mended.
    """
    structure = examine(project.network, info)
    plan, findings = _diagnose(project, info, structure)
    tried: dict[int, Fix | None] = {}
    weight = _weight(findings)
    findings.sort(key=lambda found: SEVERITIES.index(found.problem.severity))
    problems = [_settle(found, project, info, weight, tried) for found in findings]
    return Compiled(
        plan,
        tuple(problems),
        structure.shapes.outputs,
        structure.shapes.parameters,
        structure.shapes.statistics,
        info,
    )


def surviving(weights: Weights, plan: Plan) -> Weights:
    """What a changed network keeps: the weights of the same node id, parameter name and shape."""
    shapes = plan.stored
    return {key: array for key, array in weights.items() if shapes.get(key) == array.shape}


def _diagnose(
    project: Project, info: DataInfo | None, structure: Structure
) -> tuple[Plan | None, list[Finding]]:
    findings = list(structure.findings)
    output_fits = False
    if info is None:
        findings.insert(0, _no_data())
    else:
        unfit = output_findings(project.network, info, structure)
        findings += unfit
        output_fits = not unfit
    plan = None
    if info is not None and not any(found.problem.severity == "error" for found in findings):
        plan = _plan(project, structure)
        too_large = memory_findings(project, plan, info)
        if too_large:
            plan = None
        findings += too_large
    findings += habits(project, info, structure, output_fits)
    return plan, findings


def _no_data() -> Finding:
    def use_flower(project: Project) -> Project:
        return fit_to(project, other_data(project.data, DataChoice())).project

    return finding(
        Message("There is no data to learn from: choose a data set in the Data panel."),
        DATA,
        Fix(Message("Use the flower"), use_flower),
    )


def _plan(project: Project, structure: Structure) -> Plan:
    network = project.network
    nodes = tuple(
        PlanNode(
            id=id,
            name=network.node(id).name,
            layer=network.node(id).layer,
            inputs=network.inputs(id),
            shape=structure.shapes.outputs[id],
            parameter_shapes=structure.shapes.parameters[id],
            statistic_shapes=structure.shapes.statistics.get(id, {}),
        )
        for id in network.order
        if id in structure.live
    )
    return Plan(nodes, network.loss)


def _weight(findings: list[Finding]) -> tuple[int, ...]:
    """How bad it is: the numbers of errors, warnings and hints."""
    return tuple(
        sum(found.problem.severity == severity for found in findings) for severity in SEVERITIES
    )


_LAYERS_TRIED, _LEAST_TRIALS = 12_000, 12
"""Each trial looks at the whole network: of so many layers all together, but of a dozen networks
at least. Else a thousand problems of a thousand layers would take minutes."""


def _settle(
    found: Finding,
    project: Project,
    info: DataInfo | None,
    before: tuple[int, ...],
    tried: dict[int, Fix | None],
) -> Problem:
    """The problem with the first of its remedies that makes things better."""
    for fix in found.remedies:
        if id(fix) not in tried:
            if len(tried) >= max(_LEAST_TRIALS, _LAYERS_TRIED // len(project.network.nodes)):
                break
            helps = _helps(fix, project, info, before)
            tried[id(fix)] = _only_for(project.network, fix) if helps else None
        if tried[id(fix)] is not None:
            return dataclasses.replace(found.problem, fix=tried[id(fix)])
    return found.problem


def _only_for(network: Network, fix: Fix) -> Fix:
    """The fix for the network it was tried on: what it speaks of may be gone from any other."""

    def apply(project: Project) -> Project:
        if project.network != network:
            raise UserError("The network has changed meanwhile: look at what it says now.")
        return fix.apply(project)

    return Fix(fix.label, apply)


def _helps(fix: Fix, project: Project, info: DataInfo | None, before: tuple[int, ...]) -> bool:
    try:
        after = fix.apply(project)
        if info is None and after.data is not project.data:
            info = dataset_of(after.data).info
    except UserError:
        return False
    _, findings = _diagnose(after, info, examine(after.network, info))
    return _weight(findings) < before
