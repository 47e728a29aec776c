"""Files as people have them, in tests/data/files, each with its right reading written by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.data.files import read_table
from netbuilder.data.reading import Ambiguous, Reading
from netbuilder.data.table import Table
from netbuilder.errors import UserError

FILES = Path(__file__).parent / "files"
NAN = math.nan


def rows(table: Table) -> list[list[Any]]:
    """The examples as they are meant: words as words, None where a value is missing."""
    found = []
    for row in table.values:
        cells: list[Any] = []
        for name, value in zip(table.columns, row, strict=True):
            words = table.categories.get(name)
            missing = np.isnan(value)
            cells.append(None if missing else words[int(value)] if words else float(value))
        found.append(cells)
    return found


READ: dict[str, tuple[tuple[str, ...], list[list[Any]]]] = {
    "thousands_german.csv": (
        ("Stadt", "Preis", "Fläche"),
        [["Köln", 1463, 71.5], ["Bonn", 989, 48.2], ["Trier", 59000, 120]],
    ),
    "thousands_english.csv": (
        ("city", "price", "rooms"),
        [["York", 1234.5, 3], ["Bath", 989, 2], ["Hull", 12000, 4]],
    ),
    "money.csv": (("item", "price", "weight"), [["a", 12.3, 1], ["b", 1200, 2], ["c", -3.5, 3]]),
    "euro.csv": (("Artikel", "Preis"), [["a", 12.3], ["b", 1200], ["c", -3.5]]),
    "per_cent.csv": (("name", "share", "grade"), [["a", 12.5, 1], ["b", 7, 2], ["c", 100, 1]]),
    "numeric_header.csv": (
        ("0", "1", "2", "3", "4"),
        [[0.5, 1.5, 3, 0, 1], [0.1, 2.5, 4, 1, 0], [0.9, 3.5, 5, 0, 1]],
    ),
    "pandas_index.csv": (
        ("column 1", "0", "1", "2"),
        [[0, 0.5, 1.5, "a"], [1, 0.1, 2.5, "b"], [2, 0.9, 3.5, "a"]],
    ),
    "years.csv": (
        ("country", "2010", "2011", "2012"),
        [["France", 1.5, 1.7, 1.9], ["Chad", 0.2, 0.3, 0.1]],
    ),
    "cp1252.csv": (("city", "price"), [["Köln", 3], ["München", 5], ["São Paulo", 7]]),
    "gb18030.csv": (("城市", "价格"), [["北京", 3], ["上海", 5], ["深圳", 7]]),
    "big5.csv": (("城市", "價格"), [["臺北", 3], ["高雄", 5], ["台中", 7]]),
    "utf16.csv": (("city", "price"), [["Köln", 3], ["München", 5]]),
    "utf16_without_mark.csv": (("city", "price"), [["Köln", 3], ["München", 5]]),
    "comments.csv": (("length", "width"), [[1.5, 2], [2.5, 4]]),
    "numpy_comment_header.csv": (("length", "width", "kind"), [[1.5, 2.5, 0], [2.5, 4.5, 1]]),
    "hash_header.csv": (
        ("column 1", "length", "kind"),
        [[1, 1.5, "a"], [2, 2.5, "b"], [3, 0.5, "a"]],
    ),
    "excel_sep.csv": (("a", "b"), [[1.5, 2], [2.5, 3]]),
    "no_header.csv": (
        ("x1", "x2", "y"),
        [[5.1, 3.5, "setosa"], [4.9, 3, "setosa"], [6.2, 2.9, "virginica"]],
    ),
    "no_header_words.csv": (
        ("x1", "x2", "y"),
        [["p", "x", "s"], ["e", "x", "s"], ["p", "b", "y"], ["e", "b", "s"], ["p", "x", "y"]],
    ),
    "missing.csv": (
        ("a", "b", "kind"),
        [
            [1.5, None, "x"],
            [None, 2, "y"],
            [None, 3, None],
            [None, None, "x"],
            [2.5, None, None],
            [None, 5, "y"],
            [None, None, "x"],
        ],
    ),
    "swiss.csv": (("Ort", "Preis"), [["Bern", 1463.5], ["Basel", 989]]),
    "thin_spaces.csv": (("ville", "prix"), [["Lyon", 1463.5], ["Nice", 12000]]),
}


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    table = read_table(FILES / name)
    columns, examples = READ[name]
    assert table.columns == columns
    assert rows(table) == examples


ASKED: dict[str, tuple[str, str, dict[str, list[list[Any]]]]] = {
    "thousands_open.csv": (
        "decimal",
        r"1\.463 in the column 'Preis' may be 1\.463 \(decimal point\) or 1,463 \(decimal comma\)"
        r"\. Say which with --decimal comma or --decimal point",
        {
            ".": [["Köln", 1.463, 3], ["Bonn", 989, 2], ["Trier", 1.12, 4], ["Mainz", 875, 2]],
            ",": [["Köln", 1463, 3], ["Bonn", 989, 2], ["Trier", 1120, 4], ["Mainz", 875, 2]],
        },
    ),
    "numeric_header_open.csv": (
        "header",
        r"its first line, 0 1, may number the columns or be an example",
        {"yes": [[5, 7], [2, 3]], "no": [[0, 1], [5, 7], [2, 3]]},
    ),
    "encoding_open.csv": (
        "encoding",
        r"not UTF-8, .* '红' \(gb18030\)",
        {"gb18030": [["红", 1]], "big5": [["綻", 1]]},
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_asked(name: str) -> None:
    option, sentence, answers = ASKED[name]
    with pytest.raises(Ambiguous, match=sentence) as caught:
        read_table(FILES / name)
    assert caught.value.option == option
    for answer, examples in answers.items():
        table = read_table(FILES / name, reading=Reading(**{option: answer}))
        assert rows(table) == examples
        assert table.reading is not None and getattr(table.reading, option) == answer


def test_points_and_commas_in_one_file_are_asked_about() -> None:
    with pytest.raises(Ambiguous, match="some numbers have a decimal point and others a decimal"):
        read_table(FILES / "decimal_conflict.csv")


def test_per_cent_beside_plain_numbers_is_refused() -> None:
    with pytest.raises(UserError, match="'share' are not all of one kind: 2 with %, 1 with no sig"):
        read_table(FILES / "per_cent_mixed.csv")


def test_how_a_file_was_read_is_told() -> None:
    table = read_table(FILES / "thousands_german.csv")
    assert table.reading == Reading("utf-8", ";", "yes", ",", "none")
    assert [str(notice) for notice in read_table(FILES / "euro.csv").notices] == [
        "The numbers of 'Preis' are read without their sign: 12,30 € is 12.3."
    ]
    assert read_table(FILES / "comments.csv").reading == Reading("utf-8", ",", "yes", ".", "#")


def test_what_is_said_is_not_guessed() -> None:
    said = Reading(delimiter=";", header="no", encoding="latin-1")
    table = read_table(FILES / "cp1252.csv", reading=said)
    assert rows(table)[1] == ["Köln,3"]
    with pytest.raises(UserError, match="There is no encoding 'klingon'"):
        read_table(FILES / "cp1252.csv", reading=Reading(encoding="klingon"))
    with pytest.raises(UserError, match="is not text in utf-8"):
        read_table(FILES / "cp1252.csv", reading=Reading(encoding="utf-8"))


@pytest.mark.parametrize(
    ("column", "reading"),
    [
        (["1.463", "2.512"], None),  # of three decimals, or of thousands: nobody can tell
        (["1.463", "2.512", "12345"], 1.463),  # whoever writes 12345 does not group
        (["1.463", "0.512"], 1.463),
        (["1.463", "2.5"], 1.463),
        (["1.463", "2.512.000"], 1463),
        (["1.463", "2,5"], 1463),
        (["1.463", "1.5e3"], 1.463),
        (["1,463", "2,512"], None),
        (["1,463", "2,512", "12345"], 1.463),
        (["1,463", "2,512,000"], 1463),
        (["1,463", "2.5"], 1463),
    ],
)
def test_evidence_of_the_decimal_mark(
    tmp_path: Path, column: list[str], reading: float | None
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a;b\n" + "".join(f"{cell};x\n" for cell in column))
    if reading is None:
        with pytest.raises(Ambiguous):
            read_table(path)
    else:
        assert read_table(path).values[0, 0] == reading


def test_evidence_far_down_counts(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a;b\n" + "1.463;x\n" * 5000 + "7,25;x\n")
    assert read_table(path).values[0, 0] == 1463
