"""Problems and their remedies, as a student meets them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check import compile as compile_module
from netbuilder.document.check import memory
from netbuilder.document.check.compile import Compiled, Problem, compile_project, surviving
from netbuilder.document.check.structure import examine
from netbuilder.document.model.network import COST, DATA, Edge, Network, network_of
from netbuilder.document.model.project import DataChoice, Project, TrainingSettings
from netbuilder.document.templates import first_start
from netbuilder.engine.layers import Activation, Add, Concatenate, Cost, Dense, Dropout, Flatten
from netbuilder.engine.program import Program
from netbuilder.errors import UserError

BINARY = DataInfo("flower", 400, ("x1", "x2"), ("class",), "binary", ("red", "blue"))
IRIS = DataInfo(
    "iris",
    150,
    ("a", "b", "c", "d"),
    ("species",),
    "classes",
    ("setosa", "versicolor", "virginica"),
)
HOUSES = DataInfo("houses", 99, ("rooms", "age"), ("price",), "regression")
WIND = DataInfo("wind", 99, ("t", "p"), ("east", "north"), "regression")
AT = (0.0, 0.0)


def network(*layers: Dense | Dropout | Activation, loss: str = "binary_cross_entropy") -> Network:
    return network_of(layers, loss)


def compiled(network: Network, info: DataInfo | None = BINARY, **training: object) -> Compiled:
    return compile_project(Project(network, training=TrainingSettings(**training)), info)


def only(result: Compiled, severity: str = "error") -> Problem:
    found = [problem for problem in result.problems if problem.severity == severity]
    assert len(found) == 1, result.problems
    return found[0]


def fixed(result: Compiled, network: Network) -> Network:
    """After a click on the first remedy."""
    fix = result.problems[0].fix
    assert fix is not None
    return fix.apply(Project(network)).network


PLANAR_LOSS = "binary_cross_entropy"
PLANAR = network(Dense(4, "tanh"), Dense(1, "sigmoid"), loss=PLANAR_LOSS)


def test_a_network_that_fits_has_a_plan_and_no_problems() -> None:
    result = compiled(PLANAR)
    assert result.ok and result.problems == ()
    assert [node.id for node in result.plan.nodes] == [DATA, "n1", "n2", COST]
    assert result.plan.loss == "binary_cross_entropy"
    assert result.shapes == {DATA: (2,), "n1": (4,), "n2": (1,), COST: ()}
    assert result.parameter_shapes["n1"] == {"W": (4, 2), "b": (4, 1)}
    assert result.info is BINARY


# --- the output against the data -----------------------------------------------------------------


def test_three_classes_ask_for_three_units_softmax_and_cross_entropy_in_one_click() -> None:
    result = compiled(PLANAR, IRIS)
    assert not result.ok
    width, loss = result.problems
    assert str(width.message) == (
        "The output Dense 2 has 1 unit, but the data has 3 classes: "
        "one unit is needed for each of them."
    )
    assert (width.node, width.edge) == ("n2", Edge("n2", COST))
    assert loss.node == COST and "Cross-entropy fits" in str(loss.message)
    assert result.problems_of("n2") == (width,)
    assert str(width.fix.label) == (
        "Make the output 3 units with Softmax and the loss Cross-entropy: the data has 3 classes"
    )
    assert width.fix is loss.fix
    new = fixed(result, PLANAR)
    assert compiled(new, IRIS).problems == ()
    assert new.node("n2").layer == Dense(3, "softmax") and new.node("n1") is PLANAR.node("n1")


@pytest.mark.parametrize(
    ("output", "loss", "info", "label", "fitted"),
    [
        (
            Dense(1, "softmax"),
            "cross_entropy",
            IRIS,
            "Make the output 3 units: the data has 3 classes",
            Dense(3, "softmax"),
        ),
        (
            Dense(1, "tanh"),
            "cross_entropy",
            IRIS,
            "Make the output 3 units with Softmax: the data has 3 classes",
            Dense(3, "softmax"),
        ),
        (
            Dense(3, "sigmoid"),
            "cross_entropy",
            IRIS,
            "Make the output Softmax: the data has 3 classes",
            Dense(3, "softmax"),
        ),
        (
            Dense(3, "softmax"),
            "binary_cross_entropy",
            IRIS,
            "Use the loss Cross-entropy: the data has 3 classes",
            Dense(3, "softmax"),
        ),
        (
            Dense(3, "softmax"),
            "cross_entropy",
            BINARY,
            "Make the output 1 unit with Sigmoid and the loss Binary cross-entropy: "
            "the data has two classes",
            Dense(1, "sigmoid"),
        ),
        (
            Dense(1, "sigmoid"),
            "binary_cross_entropy",
            HOUSES,
            "Make the output Linear, with the loss Squared error: the target price is a number",
            Dense(1, "linear"),
        ),
        (
            Dense(1, "linear"),
            "mse",
            WIND,
            "Make the output 2 units: the data has 2 target columns",
            Dense(2, "linear"),
        ),
        (
            Dense(2, "sigmoid"),
            "mse",
            BINARY,
            "Make the output 1 unit: the data has two classes",
            Dense(1, "sigmoid"),
        ),
        (
            Dense(1, "linear"),
            "cross_entropy",
            HOUSES,
            "Use the loss Squared error: the target price is a number",
            Dense(1, "linear"),
        ),
        (
            Dense(1, "softmax"),
            "binary_cross_entropy",
            IRIS,
            "Make the output 3 units, with the loss Cross-entropy: the data has 3 classes",
            Dense(3, "softmax"),
        ),
    ],
)
def test_the_remedy_changes_what_must_change_and_says_so(
    output: Dense, loss: str, info: DataInfo, label: str, fitted: Dense
) -> None:
    before = network(Dense(4, "tanh"), output, loss=loss)
    result = compiled(before, info)
    assert [str(problem.fix.label) for problem in result.problems if problem.fix] == [label] * len(
        result.problems
    )
    after = fixed(result, before)
    assert after.node("n2").layer == dataclasses.replace(fitted, initializer=output.initializer)
    assert compiled(after, info).problems == ()


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (BINARY, "two classes, red and blue: one unit is needed, for the probability of blue"),
        (IRIS, "the data has 3 classes: one unit is needed for each of them"),
        (HOUSES, "there is one number to predict, price: one unit is needed"),
        (WIND, "there are 2 numbers to predict: one unit is needed for each"),
    ],
)
def test_the_width_is_explained_by_the_data(info: DataInfo, words: str) -> None:
    result = compiled(network(Dense(4, "tanh"), Dense(7, "linear"), loss="mse"), info)
    assert words in str(only(result).message)


@pytest.mark.parametrize(
    ("loss", "info", "words"),
    [
        ("binary_cross_entropy", IRIS, "is for targets of 0 and 1, that is for two classes"),
        ("binary_cross_entropy", HOUSES, "but the target price is a number. Squared error fits."),
        ("cross_entropy", BINARY, "but the data has two classes. Binary cross-entropy fits."),
        ("cross_entropy", WIND, "but the data has 2 target columns. Squared error fits."),
    ],
)
def test_a_loss_that_does_not_fit(loss: str, info: DataInfo, words: str) -> None:
    result = compiled(network(Dense(info.n_y, "linear"), loss=loss), info)
    problem = next(problem for problem in result.problems if problem.node == COST)
    assert words in str(problem.message)


def test_a_loss_of_logits_needs_its_activation() -> None:
    result = compiled(network(Dense(4, "tanh"), Dense(1, "tanh")))
    assert str(only(result).message) == (
        "Binary cross-entropy needs probabilities, from an output with Sigmoid, "
        "but Dense 2 has Tanh."
    )
    assert only(result).node == "n2"


def test_an_activation_of_its_own_is_the_output() -> None:
    separate = network(Dense(4, "tanh"), Dense(1, "linear"), Activation("sigmoid"))
    assert compiled(separate).problems == ()
    result = compiled(separate, IRIS)
    after = fixed(result, separate)
    assert after.node("n2").layer.units == 3
    assert after.node("n3").layer == Activation("softmax")
    assert compiled(after, IRIS).problems == ()


def test_data_straight_into_cost_gets_an_output_layer() -> None:
    bare = network()
    result = compiled(bare, IRIS)
    assert "there is no layer that could learn" in str(only(result).message)
    assert str(only(result).fix.label) == (
        "Add an output layer of 3 units with Softmax: the data has 3 classes"
    )
    after = fixed(result, bare)
    assert compiled(after, IRIS).ok
    assert after.node(COST).layer == Cost("cross_entropy")
    assert after.node(COST).position[0] - after.node("n1").position[0] == 200


def test_layers_without_weights_learn_nothing() -> None:
    idle = network(Activation("sigmoid"))
    info = dataclasses.replace(BINARY, feature_names=("x1",))
    result = compiled(idle, info)
    assert "nothing to learn" in str(only(result).message)
    assert compiled(fixed(result, idle), info).ok


def test_a_join_at_the_end_gets_an_output_layer() -> None:
    joined, join = network(Dense(2, "tanh")).insert(Add(), Edge("n1", COST), AT)
    joined = joined.connect(DATA, join.id)
    result = compiled(joined)
    assert "Add an output layer of 1 unit with Sigmoid" in str(result.problems[0].fix.label)
    assert compiled(fixed(result, joined)).ok


@pytest.mark.parametrize("layer", [Dense(4, "relu"), Dense(1, "tanh"), Activation("relu")])
def test_what_was_dropped_behind_the_output_layer_goes_before_it(
    layer: Dense | Activation,
) -> None:
    drawn = network(Dense(4, "tanh"), Dense(1, "sigmoid"), layer)
    result = compiled(drawn)
    assert {str(problem.fix.label) for problem in result.problems if problem.fix} == {
        f"Put {drawn.node('n3').name} before the output layer Dense 2"
    }
    mended = fixed(result, drawn)
    assert compiled(mended).ok
    assert mended.inputs(COST) == ("n2",) and mended.inputs("n2") == ("n3",)
    assert mended.inputs("n3") == ("n1",)
    assert mended.node("n3").position == drawn.node("n2").position
    assert mended.node("n2").position == drawn.node("n3").position


def test_layers_removed_by_a_remedy_leave_no_gap() -> None:
    drawn = network(Dense(4, "tanh"), Dense(1, "sigmoid"), Dropout())
    mended = fixed(compiled(drawn), drawn)
    assert mended.node(COST).position == drawn.node("n3").position


def test_dropout_before_cost() -> None:
    dropping = network(Dense(4, "tanh"), Dense(1, "sigmoid"), Dropout())
    result = compiled(dropping)
    assert "Dropout 1 has no activation" in str(only(result).message)
    assert str(only(result).fix.label) == "Remove Dropout 1"
    assert compiled(fixed(result, dropping)).problems == ()

    hidden = network(Dense(4, "tanh"), Dropout())
    assert "Add an output layer" in str(compiled(hidden).problems[0].fix.label)

    squared = network(Dense(4, "tanh"), Dense(1, "sigmoid"), Dropout(), loss="mse")
    result = compiled(squared)
    assert result.ok and "silences parts of the output" in str(only(result, "warning").message)
    assert compiled(fixed(result, squared)).problems == ()


def test_a_remedy_is_for_the_network_it_was_tried_on() -> None:
    fix = compiled(PLANAR, IRIS).problems[0].fix
    with pytest.raises(UserError, match="has changed meanwhile"):
        fix.apply(Project(PLANAR.remove(["n2"])))
    assert fix.apply(
        Project(network_of([Dense(4, "tanh"), Dense(1, "sigmoid")], PLANAR_LOSS))
    ).network


# --- wires that are missing ----------------------------------------------------------------------


def test_nothing_reaches_cost() -> None:
    cut = PLANAR.disconnect([Edge("n2", COST)])
    result = compiled(cut)
    assert only(result).node == COST and "Nothing reaches Cost" in str(only(result).message)
    assert str(only(result).fix.label) == "Connect Dense 2 to Cost"
    assert {str(problem.fix.label) for problem in result.problems} == {"Connect Dense 2 to Cost"}
    assert fixed(result, cut) == PLANAR


def test_nothing_at_all_between_data_and_cost() -> None:
    bare = network().disconnect([Edge(DATA, COST)])
    result = compiled(bare)
    assert str(only(result).fix.label) == "Add an output layer"
    assert compiled(fixed(result, bare)).ok


def test_cost_that_cannot_be_reached_from_data() -> None:
    cut = PLANAR.disconnect([Edge(DATA, "n1")])
    result = compiled(cut)
    assert only(result).node == "n1" and "Dense 1 has no input" in str(only(result).message)
    assert result.shapes == {DATA: (2,)}
    assert str(only(result).fix.label) == "Connect Data to Dense 1"
    assert compiled(fixed(result, cut)).problems == ()


def test_a_join_of_one_input() -> None:
    lonely, _ = PLANAR.insert(Add(), Edge("n1", "n2"), AT)
    result = compiled(lonely)
    assert str(only(result).message).startswith(
        "Add 1 joins at least 2 inputs, but only Dense 1 is connected."
    )
    assert result.shapes["n2"] == (1,), "what follows can be seen all the same"
    assert fixed(result, lonely) == PLANAR


def test_a_join_of_no_input() -> None:
    lonely, join = PLANAR.insert(Concatenate(), Edge(DATA, "n1"), AT)
    lonely = lonely.disconnect([Edge(DATA, join.id)])
    result = compiled(lonely)
    assert "but none is connected" in str(only(result).message)
    assert compiled(fixed(result, lonely)).problems == ()


def test_a_loose_layer_is_a_warning_and_no_part_of_the_plan() -> None:
    loose, node = PLANAR.add(Dense(3, "relu"), AT)
    result = compiled(loose)
    assert result.ok and node.id not in [node.id for node in result.plan.nodes]
    warning = only(result, "warning")
    assert warning.node == node.id and "is loose" in str(warning.message)
    assert str(warning.fix.label) == "Put Dense 3 before the output layer"
    after = fixed(result, loose)
    assert after.order == (DATA, "n1", node.id, "n2", COST)
    assert compiled(after).problems == ()


def test_a_loose_join_can_only_be_removed() -> None:
    loose, _ = PLANAR.add(Add(), AT)
    warning = only(compiled(loose), "warning")
    assert str(warning.fix.label) == "Remove Add 1"


def test_a_branch_that_leads_nowhere() -> None:
    branch, first = PLANAR.add(Dense(3), AT)
    branch, second = branch.connect("n1", first.id).add(Dropout(), AT)
    branch = branch.connect(first.id, second.id)
    result = compiled(branch)
    assert result.ok
    assert [problem.node for problem in result.problems] == [first.id, second.id]
    assert "leads nowhere" in str(result.problems[0].message)
    assert str(result.problems[0].fix.label) == "Remove the 2 layers that take no part"
    assert result.shapes[second.id] == (3,)
    assert fixed(result, branch) == PLANAR


# --- shapes --------------------------------------------------------------------------------------


def residual(skip: str, *layers: Dense) -> Network:
    """layers with a join before the last, into which ``skip`` leads too."""
    graph = network(*layers)
    graph, join = graph.insert(Add(), Edge(f"n{len(layers) - 1}", f"n{len(layers)}"), AT)
    return graph.connect(skip, join.id)


def test_a_residual_that_fits() -> None:
    graph = residual("n1", Dense(4, "tanh"), Dense(4, "tanh"), Dense(1, "sigmoid"))
    assert compiled(graph).problems == ()


def test_add_of_two_widths_makes_the_dense_layer_fit() -> None:
    graph = residual(DATA, Dense(4, "tanh"), Dense(1, "sigmoid"))
    result = compiled(graph)
    problem = only(result)
    assert str(problem.message).startswith(
        "Add needs inputs of one shape, but they are (4,), (2,)."
    )
    assert (problem.node, problem.edge) == ("n3", Edge(DATA, "n3"))
    assert str(problem.fix.label) == "Give all inputs of Add 1 2 units"
    after = fixed(result, graph)
    assert after.node("n1").layer.units == 2 and compiled(after).problems == ()


def test_add_of_what_cannot_be_widened_gets_a_linear_layer() -> None:
    graph = residual(DATA, Dense(4, "tanh"), Dense(1, "sigmoid"))
    graph, other = graph.insert(Concatenate(), Edge("n1", "n3"), AT)
    graph = graph.connect(DATA, other.id)
    result = compiled(graph)
    assert "with a linear layer" in str(only(result).fix.label)
    assert compiled(fixed(result, graph)).ok


# --- no data -------------------------------------------------------------------------------------


def test_no_data() -> None:
    result = compiled(PLANAR, None)
    assert not result.ok and only(result).node == DATA
    after = only(result).fix.apply(Project(PLANAR, DataChoice(source="iris")))
    assert after.data == DataChoice() and str(only(result).fix.label) == "Use the flower"
    assert compiled(after.network).ok


# --- a teacher's word ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "output", "loss", "words"),
    [
        (BINARY, Dense(1, "sigmoid"), "binary_cross_entropy", "this is logistic regression"),
        (IRIS, Dense(3, "softmax"), "cross_entropy", "this is softmax regression"),
        (HOUSES, Dense(1, "linear"), "mse", "this is linear regression"),
    ],
)
def test_no_hidden_layer(info: DataInfo, output: Dense, loss: str, words: str) -> None:
    shallow = network(output, loss=loss)
    result = compiled(shallow, info)
    assert result.ok and words in str(only(result, "hint").message)
    after = fixed(result, shallow)
    assert after.node(after.order[1]).layer == Dense(4, "tanh", "xavier")
    assert compiled(after, info).problems == ()


def test_zeros_in_a_hidden_layer_but_not_in_the_output() -> None:
    zeros = network(Dense(4, "relu", "zeros"), Dense(1, "sigmoid", "zeros"))
    result = compiled(zeros)
    warning = only(result, "warning")
    assert result.ok and warning.node == "n1" and "break the symmetry" in str(warning.message)
    assert fixed(result, zeros).node("n1").layer.initializer == "he"
    single = network(Dense(1, "tanh", "zeros"), Dense(1, "sigmoid"))
    assert compiled(single).problems == (), "one unit has nobody to be the same as"


def test_softmax_in_a_hidden_layer() -> None:
    hidden = network(Dense(4, "softmax"), Dense(1, "sigmoid"))
    result = compiled(hidden)
    assert result.ok and "Softmax belongs to the output" in str(only(result, "warning").message)
    assert fixed(result, hidden).node("n1").layer.activation == "relu"
    branch = network(Dense(4, "tanh"), Activation("softmax"), Dense(1, "sigmoid"))
    assert only(compiled(branch), "warning").node == "n2"


def test_two_linear_layers_in_a_row() -> None:
    linear = network(Dense(4, "linear"), Dropout(), Dense(1, "sigmoid"))
    result = compiled(linear)
    assert "can do no more than one layer" in str(only(result, "hint").message)
    assert compiled(fixed(result, linear)).problems == ()
    written_apart = network(Dense(4, "linear"), Activation("tanh"), Dense(1, "sigmoid"))
    assert compiled(written_apart).problems == ()


def test_softmax_of_one_unit() -> None:
    single = network(Dense(4, "tanh"), Dense(1, "softmax"), loss="mse")
    result = compiled(single)
    assert "Softmax of a single unit is 1" in str(only(result, "warning").message)
    assert fixed(result, single).node("n2").layer.activation == "sigmoid"


def test_an_output_that_cannot_reach_every_number() -> None:
    bounded = network(Dense(4, "tanh"), Dense(1, "sigmoid"), loss="mse")
    result = compiled(bounded, HOUSES)
    assert result.ok and "stays between 0 and 1" in str(only(result, "hint").message)
    assert compiled(fixed(result, bounded), HOUSES).problems == ()


@pytest.mark.parametrize(("test", "label"), [(0.2, "Keep 20 %"), (0.8, "Switch early")])
def test_early_stopping_without_validation(test: float, label: str) -> None:
    project = Project(PLANAR, DataChoice(test=test), TrainingSettings(patience=5))
    result = compile_project(project, BINARY)
    warning = only(result, "warning")
    assert result.ok and warning.node is None and label in str(warning.fix.label)
    assert compile_project(warning.fix.apply(project), BINARY).problems == ()


def test_errors_come_first() -> None:
    graph, _ = network(Dense(4, "softmax", "zeros"), Dense(4, "linear"), Dense(2)).add(Add(), AT)
    order = [problem.severity for problem in compiled(graph).problems]
    assert order == sorted(order, key=["error", "warning", "hint"].index)
    assert set(order) == {"error", "warning", "hint"}


def test_chains_of_any_length() -> None:
    deep = network(*[Activation("tanh") for _ in range(1100)], Dense(1, "sigmoid"))
    assert compiled(deep).ok


# --- memory --------------------------------------------------------------------------------------

GB = 10**9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Sets how much memory there is."""

    def set_to(size: int | None) -> None:
        monkeypatch.setattr(memory, "available", lambda: size)

    return set_to


def test_what_would_not_fit_is_refused_before_it_is_allocated(machine: Callable) -> None:
    machine(8 * GB)
    huge = network(Dense(1_000_000, "tanh"), Dense(1_000_000, "tanh"), Dense(1, "sigmoid"))
    result = compiled(huge)
    assert result.plan is None and only(result).node == "n2"
    text = str(only(result).message)
    assert "would need 40.0 TB, but this machine has 8.0 GB free" in text
    assert "1,000,005,000,001 parameters (1,000,001,000,000 of them in Dense 2)" in text
    assert "Make all layers smaller: at most" in str(only(result).fix.label)
    after = fixed(result, huge)
    assert compiled(after).ok and after.node("n2").layer.units >= 8_000
    assert after.node("n3").layer.units == 1, "the output stays"


def test_one_layer_that_is_too_wide_is_named(machine: Callable) -> None:
    wide = network(Dense(8, "tanh"), Dense(1_000_000, "tanh"), Dense(1, "sigmoid"))
    machine(memory._needed(compiled(wide, batch_size=1).plan, 1, Project(wide)) - 1)
    result = compiled(wide, batch_size=1)
    assert str(only(result).fix.label) == "Make Dense 2 smaller: 131,072 units"
    after = fixed(result, wide)
    assert compiled(after, batch_size=1).problems == ()
    assert after.node("n1") is wide.node("n1")


def test_a_join_that_would_fall_apart_gets_no_such_remedy(machine: Callable) -> None:
    info = dataclasses.replace(BINARY, feature_names=tuple(f"x{k}" for k in range(4096)))
    graph = residual(DATA, Dense(4096, "tanh"), Dense(1, "sigmoid"))
    plan = compiled(graph, info).plan
    machine(plan.memory(400, "float32", "gd") // 40)
    result = compiled(graph, info)
    assert not result.ok and "Make Dense" not in str(only(result).fix and only(result).fix.label)


def test_a_smaller_batch_is_offered_where_that_will_do(machine: Callable) -> None:
    info = dataclasses.replace(BINARY, m=1_000_000)
    wide = network(Dense(10_000, "tanh"), Dense(1, "sigmoid"))
    machine(8 * GB)
    result = compiled(wide, info)
    label = str(only(result).fix.label)
    assert label.startswith("Take batches of") and "1,000,000 examples go through" in str(
        only(result).message
    )
    project = only(result).fix.apply(Project(wide))
    assert compile_project(project, info).ok
    assert project.training.batch_size >= 16


def test_a_batch_counts_no_more_examples_than_there_are(machine: Callable) -> None:
    machine(GB)
    assert compiled(PLANAR, batch_size=10_000_000).ok


def test_precision_counts(machine: Callable) -> None:
    wide = network(Dense(10_000, "tanh"), Dense(2_000, "tanh"), Dense(1, "sigmoid"))
    plan = compiled(wide).plan
    machine(memory._needed(plan, 400, Project(wide)))
    assert compiled(wide).ok
    assert not compiled(wide, dtype="float64").ok


def test_what_the_window_keeps_beside_the_network_counts(machine: Callable) -> None:
    wide = network(Dense(4_000, "tanh"), Dense(4_000, "tanh"), Dense(1, "sigmoid"))
    machine(2 * compiled(wide).plan.memory(400, "float32", "gd"))
    assert not compiled(wide).ok, "snapshots and states to go back to would not fit"


def test_a_machine_that_does_not_tell_is_trusted(machine: Callable) -> None:
    machine(None)
    assert compiled(network(Dense(1_000_000), Dense(10_000), Dense(1, "sigmoid"))).ok


# --- weights that survive ------------------------------------------------------------------------


def test_weights_survive_where_id_name_and_shape_are_the_same() -> None:
    old = compiled(PLANAR).plan
    weights = Program(old, seed=3).weights()
    wider = compiled(PLANAR.set_layer("n1", Dense(5, "tanh"))).plan
    assert set(surviving(weights, wider)) == {"n2.b"}
    relu = compiled(PLANAR.set_layer("n1", Dense(4, "relu"))).plan
    assert surviving(weights, relu) == weights
    deeper = compiled(PLANAR.insert(Dense(4, "tanh"), Edge("n1", "n2"), AT)[0]).plan
    kept = surviving(weights, deeper)
    assert set(kept) == set(weights) and kept["n1.W"] is weights["n1.W"]


def test_weights_that_are_not_what_their_plan_says_do_not_survive() -> None:
    plan = compiled(PLANAR).plan
    weights = Program(plan).weights()
    weights["n1.W"] = weights["n1.W"][:2]
    assert set(surviving(weights, plan)) == {"n1.b", "n2.W", "n2.b"}


def test_a_moved_card_leaves_the_plan_equal() -> None:
    moved = PLANAR.move({"n1": (5.0, 5.0)})
    assert compiled(moved).plan == compiled(PLANAR).plan


def test_the_first_start_compiles_in_a_moment() -> None:
    assert compile_project(first_start(), BINARY).problems == ()


def test_loose_layers_cost_what_they_are_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each remedy that is tried costs a compilation: their number must not grow with the layers."""
    counted: list[int] = []
    diagnose = compile_module._diagnose
    monkeypatch.setattr(compile_module, "_diagnose", lambda *a: counted.append(1) or diagnose(*a))
    project = first_start()
    trials = []
    for count in (20, 200):
        network, _ = project.network.add_all(
            (Dense(units=2 + k % 5), (20.0 * k, 400.0)) for k in range(count)
        )
        counted.clear()
        compiled = compile_project(project.with_network(network), BINARY)
        trials.append(len(counted))
        assert compiled.plan is not None
        assert len(compiled.problems) == count and all(p.fix for p in compiled.problems)
    assert trials[0] == trials[1]


def test_a_thousand_problems_are_not_each_tried_on_a_thousand_layers(monkeypatch) -> None:
    examined = 0

    def counted(network, info):
        nonlocal examined
        examined += 1
        return examine(network, info)

    monkeypatch.setattr(compile_module, "examine", counted)
    small = compiled(network(*[Flatten() for _ in range(20)], Dense(1, "sigmoid")))
    assert small.problems_of("n20")[0].fix
    examined = 0
    large = compiled(network(*[Flatten() for _ in range(1000)], Dense(1, "sigmoid")))
    assert len(large.problems) > 1000 and large.problems[0].fix
    assert examined < 20
