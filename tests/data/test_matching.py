"""Other examples are matched by name and by word, whatever the order of columns and codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.dataset import InputColumn
from netbuilder.data.files import read_table
from netbuilder.data.matching import features_for, targets_for
from netbuilder.data.prepare import examples_for, prepare
from netbuilder.data.roles import assigned
from netbuilder.data.table import Roles, Table
from netbuilder.errors import UserError


def own(tmp_path: Path, content: str) -> Table:
    path = tmp_path / "own.csv"
    path.write_text(content)
    return read_table(path)


LEARNED = (InputColumn("size", fill=7), InputColumn("colour", ("blue", "red"), 1))


def test_by_name_and_word(tmp_path: Path) -> None:
    table = own(tmp_path, "extra,colour,size\n9,red,1\n9,red,2\n")
    X, notices = features_for(table, LEARNED)
    assert X.tolist() == [[1, 0, 1], [2, 0, 1]]
    assert notices == ()


def test_words_that_are_numbers_here(tmp_path: Path) -> None:
    """Learned from 0, 1, 2, 3+; the new file happens to have numbers alone."""
    table = own(tmp_path, "children\n2\n0\n")
    children = InputColumn("children", ("0", "1", "2", "3+"))
    assert features_for(table, (children,))[0].tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]


def test_equals_sign_in_names(tmp_path: Path) -> None:
    table = own(tmp_path, "a,a=b,c=d\nx,y,5\n")
    inputs = (InputColumn("a", ("x",)), InputColumn("a=b", ("y",)), InputColumn("c=d"))
    assert features_for(table, inputs)[0].tolist() == [[1, 1, 5]]


def test_without_header_the_last_column_may_be_a_feature(tmp_path: Path) -> None:
    table = own(tmp_path, "1,2,3\n4,5,6\n")
    inputs = tuple(InputColumn(name) for name in ("x1", "x2", "x3"))
    assert features_for(table, inputs)[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert features_for(table, inputs[:2])[0].tolist() == [[1, 2], [4, 5]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("size,weight\n1,2\n", r"own has no column 'colour', which .* it has: size, weight"),
        ("colour,weight\nred,2\n", r"own has no column 'size'"),
        (
            "size,colour\nbig,red\n",
            r"column 'size' should hold numbers, but holds words such as 'big'",
        ),
    ],
)
def test_refusals(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        features_for(own(tmp_path, content), LEARNED)


@pytest.mark.parametrize(
    ("content", "features", "sentence"),
    [
        (
            "size,colour\n1,blue\n2,pink\n3,pink\n",
            [[1, 1, 0], [2, 0, 1], [3, 0, 1]],
            "2 of 3 examples have a word in 'colour' that was never learned, such as 'pink'; it is "
            "taken as red.",
        ),
        (
            "size,colour\n1,blue\n,red\n",
            [[1, 1, 0], [7, 0, 1]],
            "1 of 2 examples have no value for 'size', which is taken as 7.",
        ),
        (
            "size,colour\n1,blue\n2,\n",
            [[1, 1, 0], [2, 0, 1]],
            "1 of 2 examples have no value for 'colour', which is taken as red.",
        ),
    ],
)
def test_what_was_never_seen_is_filled_in_and_told(
    tmp_path: Path, content: str, features: list[list[float]], sentence: str
) -> None:
    X, notices = features_for(own(tmp_path, content), LEARNED)
    assert X.tolist() == features
    assert [str(notice) for notice in notices] == [sentence]


def test_targets(tmp_path: Path) -> None:
    learned = own(tmp_path, "a,kind\n" + "1,x\n2,y\n3,z\n" * 3)
    info = prepare(learned, "none", 0, 0, 1).info
    assert targets_for(own(tmp_path, "kind\nz\ny\n"), info)[1].tolist() == [[0, 0, 1], [0, 1, 0]]
    rows, Y, notices = targets_for(own(tmp_path, "kind\nz\nq\n?\ny\n"), info)
    assert (rows.tolist(), Y.tolist()) == ([0, 3], [[0, 0, 1], [0, 1, 0]])
    assert str(notices[0]) == (
        "2 of 4 examples are left out, as 'kind' is missing there or was never learned (the first "
        "is example 2)."
    )
    with pytest.raises(UserError, match=r"no example whose 'kind' .* it knows: x, y, z"):
        targets_for(own(tmp_path, "kind\nq\n"), info)
    with pytest.raises(UserError, match="no column 'kind', which the network predicts"):
        targets_for(own(tmp_path, "a\n1\n"), info)


def test_targets_of_two_classes_and_of_numbers(tmp_path: Path) -> None:
    binary = prepare(own(tmp_path, "a,k\n1,no\n2,yes\n"), "none", 0, 0, 1).info
    assert targets_for(own(tmp_path, "k\nyes\nyes\n"), binary)[1].tolist() == [[1], [1]]
    zero_one = prepare(own(tmp_path, "a,k\n1,0\n2,1\n"), "none", 0, 0, 1).info
    assert targets_for(own(tmp_path, "k\n1\n1\n"), zero_one)[1].tolist() == [[1], [1]]
    numbers = prepare(own(tmp_path, "a,k\n1,0.5\n2,7\n"), "none", 0, 0, 1).info
    assert targets_for(own(tmp_path, "k\n3\n"), numbers)[1].tolist() == [[3]]
    with pytest.raises(UserError, match="'k' should hold numbers, but holds words such as 'w'"):
        targets_for(own(tmp_path, "k\nw\n"), numbers)
    assert targets_for(own(tmp_path, "k,a\n1,2\n,2\n"), numbers)[0].tolist() == [0]


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.sampled_from("pqr"), st.sampled_from("uvw")),
        min_size=2,
        max_size=20,
    ),
    scale=st.sampled_from(["none", "standard", "minmax"]),
    shuffle=st.randoms(use_true_random=False),
)
def test_what_was_learned_from_is_matched_to_itself(
    rows: list[tuple[float, str, str]], scale: str, shuffle: np.random.RandomState
) -> None:
    rows += [(0.0, "p", "u"), (1.0, "q", "v")]

    def table(order: list[str], words: str) -> Table:
        columns = {
            "a": [row[0] for row in rows],
            "b": [float(words.index(row[1])) for row in rows],
            "c": [float(words.index(row[2])) for row in rows],
        }
        values = np.column_stack([columns[name] for name in order])
        return Table(values, tuple(order), {"b": tuple(words), "c": tuple(words)}, ("c",))

    dataset = prepare(table(["a", "b", "c"], "pqruvw"), scale, 0, 0, 1)
    order, words = ["a", "b", "c"], list("pqruvw")
    shuffle.shuffle(order)
    shuffle.shuffle(words)
    part, notices = examples_for(table(order, "".join(words)), dataset.recipe)
    assert notices == ()
    assert np.array_equal(part.X, dataset.train.X)
    assert np.array_equal(part.Y, dataset.train.Y)


def test_an_order_that_was_learned_holds_for_words_that_come_later() -> None:
    """The scale is that of the words learned from, whatever other examples hold."""
    values = np.array([[0.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    table = Table(values, ("state", "y"), {"state": ("Good", "very poor")})
    roles = Roles(("y",), (("state", "ordered"),))
    inputs = prepare(assigned(table, roles), "none", 0.0, 0.0, 1).inputs
    others = Table(
        np.array([[0.0], [1.0], [2.0], [3.0], [np.nan]]),
        ("state",),
        {"state": ("average", "POOR", "odd", "Good")},
    )
    X, told = features_for(others, inputs)
    assert X[:, 0].tolist() == [3.0, 1.0, 0.0, 4.0, 0.0]
    assert "2 of 5 examples have no value for 'state'" in str(told[0])
