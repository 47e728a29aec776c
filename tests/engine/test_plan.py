"""The plan: order, numbers and places of the parameters."""

import pytest

from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import Add, BatchNorm, Dense, Dropout
from netbuilder.engine.plan import chain

PLAN = chain(3, [Dense(4), Dropout(0.5), Dense(2, "softmax")], "cross_entropy")


def test_parameters_in_step_order():
    assert PLAN.parameters == {
        "n1.W": (4, 3),
        "n1.b": (4, 1),
        "n3.W": (2, 4),
        "n3.b": (2, 1),
    }
    assert PLAN.parameter_count == 12 + 4 + 8 + 2
    assert PLAN.layer_numbers == {"n1": 1, "n3": 2}
    assert PLAN.node("n3").name == "Dense 3"


def test_the_flat_vector_holds_a_layers_bias_right_before_its_weights():
    places = [(key, place.start, place.stop) for key, place in PLAN.layout.items()]
    assert places == [("n1.b", 0, 4), ("n1.W", 4, 16), ("n3.b", 16, 18), ("n3.W", 18, 26)]
    assert PLAN.weight_slices == (slice(4, 16), slice(18, 26))
    assert PLAN.node_layout["n1"] == slice(0, 16) and PLAN.node_layout["n3"] == slice(16, 26)


def test_a_batch_norm_is_no_layer_of_its_own_as_the_course_counts():
    plan = chain(3, [Dense(4), BatchNorm(), Dropout(0.5), Dense(2, "softmax")], "cross_entropy")
    assert plan.layer_numbers == {"n1": 1, "n2": 2, "n4": 3}
    assert plan.course_layers == {"n1": 1, "n2": 1, "n4": 2}
    assert max(plan.course_numbers.values()) == 2
    assert plan.numbered_names["gamma2"] == "n2.gamma", "files keep the names that they have"
    first = chain(3, [BatchNorm(), Dense(1)], "mse")
    assert first.course_layers == {"n1": 0, "n2": 1}


def test_an_unknown_step_is_a_key_error():
    with pytest.raises(KeyError):
        PLAN.node("n9")


def test_shapes_that_do_not_fit_are_refused():
    layer = Add()
    with pytest.raises(ShapeError, match="one shape"):
        layer.output_shape([(3,), (4,)])


def test_a_wide_network_predicts_fewer_examples_at_a_time():
    wide = chain(10, [Dense(1_000_000), Dense(1, "sigmoid")], "binary_cross_entropy")
    assert wide.inference_rows == 4
    assert PLAN.inference_rows == 1024
