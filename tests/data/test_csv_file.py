"""CSV files as people have them, and each fault told with file, line and column."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data import csv_file
from netbuilder.data.files import read_table
from netbuilder.data.reading import Stopped
from netbuilder.data.table import Table
from netbuilder.errors import UserError


def read(tmp_path: Path, content: str | bytes, name: str = "own.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path)


def refusal(tmp_path: Path, content: str | bytes, name: str = "own.csv") -> str:
    with pytest.raises(UserError) as caught:
        read(tmp_path, content, name)
    return str(caught.value)


def test_numbers_and_words(tmp_path: Path) -> None:
    table = read(tmp_path, "length,colour,kind\n1.5,red,b\n-2e3,blue,a\n 3 , red ,b\n")
    assert table.columns == ("length", "colour", "kind")
    assert table.categories == {"colour": ("blue", "red"), "kind": ("a", "b")}
    assert table.values.tolist() == [[1.5, 1, 1], [-2000, 0, 0], [3, 1, 1]]
    assert table.targets == ("kind",)
    assert table.name == "own"
    assert table.notices == ()
    assert not table.values.flags.writeable


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path: Path, delimiter: str, newline: str) -> None:
    rows = [["a", "b", "c"], ["1", "2", "x"], ["3", "4.5", "y"]]
    table = read(tmp_path, newline.join(delimiter.join(row) for row in rows) + newline)
    assert table.columns == ("a", "b", "c")
    assert table.values.tolist() == [[1, 2, 0], [3, 4.5, 1]]


def test_tsv_takes_tabs_whatever_else_there_is(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\tc\n1\t2\n", "own.tsv")
    assert table.columns == ("a,b", "c")


def test_excel_with_decimal_comma(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b;c\n1,5;2;x\n-0,25;3,1e2;y\n;4;x\n")
    assert table.values[:2].tolist() == [[1.5, 2, 0], [-0.25, 310, 1]]
    assert math.isnan(table.values[2, 0])


def test_a_comma_may_be_both_delimiter_and_decimal_mark(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n"1,5",2\n3,4\n5,6\n')
    assert table.values.tolist() == [[1.5, 2], [3, 4], [5, 6]]


def test_quotation_marks_and_lines_within_cells(tmp_path: Path) -> None:
    table = read(tmp_path, 'name,"a, b"\n"x\ny",1\n"say ""z""",2\n')
    assert table.columns == ("name", "a, b")
    assert table.categories["name"] == ('say "z"', "x\ny")
    assert "line 5" in refusal(tmp_path, 'name,b\n"x\ny",1\nz,2\nz,oops\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, "身高,颜色\n1,红色\n2,蓝色\n".encode(encoding))
    assert table.columns == ("身高", "颜色")
    assert table.categories == {"颜色": ("红色", "蓝色")}


@pytest.mark.parametrize("word", ["", " ", "NA", "n/a", "nan", "NaN", "null", "?"])
def test_missing_values(tmp_path: Path, word: str) -> None:
    table = read(tmp_path, f"a,b\n1,x\n{word},{word}\n3,y\n")
    assert np.isnan(table.values).tolist() == [[False, False], [True, True], [False, False]]
    assert table.categories == {"b": ("x", "y")}


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\na,b\n\n1,2\n  \n3,4\n\n").values.tolist() == [[1, 2], [3, 4]]
    assert "line 7, column 'b'" in refusal(tmp_path, "\na,b\n\n1,2\n3,4\n\n3,inf\n")


def test_no_header(tmp_path: Path) -> None:
    table = read(tmp_path, "5.1,3.5,setosa\n4.9,3.0,virginica\n")
    assert table.columns == ("x1", "x2", "y")
    assert table.m == 2
    (notice,) = table.notices
    assert "own.csv has no header" in str(notice) and "x1, x2, y" in str(notice)
    assert read(tmp_path, "1\n2\n").columns == ("x1",)
    assert "x1 … x4 and y" in str(read(tmp_path, "1,2,3,4,5\n1,2,3,4,5\n").notices[0])


def test_header_with_gaps(tmp_path: Path) -> None:
    assert read(tmp_path, ",a, b \n0,1,2\n").columns == ("column 1", "a", "b")


def test_words_that_look_like_numbers(tmp_path: Path) -> None:
    """Categories such as 0, 1, 2, 3+: few, and often repeated."""
    cells = ["0", "1", "2", "3+", "1.0"] * 10
    table = read(tmp_path, "children,y\n" + "".join(f"{cell},1\n" for cell in cells))
    assert table.categories == {"children": ("0", "1", "2", "3+")}
    assert table.values[:5, 0].tolist() == [0, 1, 2, 3, 1]
    mostly_words = read(tmp_path, "a,y\nx,1\n7,1\ny,1\n")
    assert mostly_words.categories == {"a": ("7", "x", "y")}
    assert mostly_words.values[:, 0].tolist() == [1, 0, 2]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of what is read at a time otherwise."""
    monkeypatch.setattr(csv_file, "CHUNK_CELLS", 4_000)


@pytest.mark.usefixtures("small_pieces")
def test_words_first_seen_far_down(tmp_path: Path) -> None:
    """A column is judged as a whole, though it is read in pieces."""
    rows = ["1,5"] * 2_500 + ["2,a"] * 500 + ["3,b"] * 3_000
    table = read(tmp_path, "x,y\n" + "\n".join(rows))
    assert table.categories == {"y": ("5", "a", "b")}
    assert np.bincount(table.values[:, 1].astype(int)).tolist() == [2_500, 500, 3_000]


@pytest.mark.usefixtures("small_pieces")
def test_lines_are_counted_through_all_pieces(tmp_path: Path) -> None:
    rows = ["1,2"] * 2_500 + ["1,inf"]
    assert "line 2502, column 'b'" in refusal(tmp_path, "a,b\n" + "\n".join(rows))


@pytest.mark.usefixtures("small_pieces")
def test_reading_can_be_stopped_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_000)
    shares: list[float] = []

    def watch(share: float) -> None:
        shares.append(share)
        if share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        read_table(path, watch=watch)
    assert shares == sorted(shares) and 0.5 < shares[-1] < 1


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("odd", ["", " ", "NA", '"3"', "x"])
def test_numbers_are_the_same_whichever_way_they_are_read(tmp_path: Path, odd: str) -> None:
    """A cell that is no plain number turns the quick way off for its piece, or for the rest."""
    rows = [f"{k / 7!r},{k}" for k in range(9_000)]
    rows[5_000] = f"{odd},5000"
    table = read(tmp_path, "a,b\n\n" + "\n".join(rows) + "\n", "odd.csv") if odd != "x" else None
    if table is None:
        assert "line 5003, column 'a'" in refusal(tmp_path, "a,b\n\n" + "\n".join(rows) + "\n")
        return
    expected = np.arange(9_000) / 7
    expected[5_000] = 3 if "3" in odd else np.nan
    assert np.array_equal(table.values[:, 0], expected, equal_nan=True)
    assert np.array_equal(table.values[:, 1], np.arange(9_000))


def test_words_with_spaces_in_a_single_column(tmp_path: Path) -> None:
    table = read(tmp_path, "name\nJohn Smith\nJane Doe\nJohn Smith\n")
    assert table.categories == {"name": ("Jane Doe", "John Smith")}


def test_underscores_make_no_number(tmp_path: Path) -> None:
    assert read(tmp_path, "a,y\n1_0,1\n1_1,2\n").categories == {"a": ("1_0", "1_1")}


def test_bad_cells_in_a_column_of_numbers(tmp_path: Path) -> None:
    lines = ["age,y", *(f"{k},1" for k in range(100))]
    lines[13], lines[40] = "abc,1", "12 years,1"
    message = refusal(tmp_path, "\n".join(lines))
    assert message == (
        "own.csv, line 14, column 'age': expected a number as in most of the column, found 'abc' "
        "(more in line 41); correct it, or leave the cell empty if the value is missing."
    )
    assert "found 'x';" in refusal(tmp_path, "a,y\n1,1\nx,1\n3,1\n")
    assert len(refusal(tmp_path, f"a,y\n1,1\n{'x' * 9999},1\n3,1\n")) < 300


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_infinite(tmp_path: Path, cell: str) -> None:
    message = refusal(tmp_path, f"a,b\n1,2\n1,{cell}\n")
    assert message.startswith("own.csv, line 3, column 'b': expected a finite number, found")
    assert cell in message


@pytest.mark.parametrize("row", ["1", "1,2,3", "1,2,"])
def test_ragged(tmp_path: Path, row: str) -> None:
    message = refusal(tmp_path, f"a,b\n1,2\n{row}\n3,4\n")
    found = row.count(",") + 1
    assert f"own.csv, line 3: expected 2 cells as in line 1, found {found}" in message


def test_empty_and_header_only(tmp_path: Path) -> None:
    assert "own.csv is empty" in refusal(tmp_path, "")
    assert "own.csv is empty" in refusal(tmp_path, "\n \n\n")
    assert "header and nothing below" in refusal(tmp_path, "a,b\n")


def test_duplicate_names(tmp_path: Path) -> None:
    message = refusal(tmp_path, "a,b, a\n1,2,3\n")
    assert "own.csv, line 1: columns 1 and 3 are both called 'a'" in message


def test_binary(tmp_path: Path) -> None:
    assert "binary file" in refusal(tmp_path, b"\x7fELF\x02\x01\x00\x00\x00\x01")
    assert "Excel workbook" in refusal(tmp_path, b"PK\x03\x04\x14\x00")
    assert "Say which with --encoding cp1252" in refusal(tmp_path, b"a,b\n\xff\xff,\x80\n")


def test_quotation_mark_never_closed(tmp_path: Path) -> None:
    message = refusal(tmp_path, 'a,b\n1,"' + "2,3\n" * 50_000)
    assert "own.csv, line" in message and "quotation mark" in message


@settings(deadline=None)
@given(
    content=st.binary(max_size=200) | st.text("ab1.,;\n\r\t \"'_-?", max_size=60).map(str.encode)
)
def test_whatever_comes_is_read_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except UserError as error:
        assert path.name in str(error)
    else:
        assert table.m >= 1 and table.values.shape[1] == len(set(table.columns))
        assert not np.isinf(table.values).any()
        for name, words in table.categories.items():
            codes = table.column(name)
            assert set(codes[~np.isnan(codes)]) == set(range(len(words)))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**9), 10**9)),
        min_size=1,
        max_size=30,
    )
)
def test_numbers_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "exact.csv"
    path.write_text("a,b\n" + "".join(f"{a!r},{b}\n" for a, b in rows))
    assert read_table(path).values.tolist() == [list(map(float, row)) for row in rows]


def test_an_open_quotation_mark_is_told_where_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text('a,b\n1,x\n\n2,"y\n3,x\n4,y')
    with pytest.raises(UserError, match=r"own\.csv, line 4: a quotation mark is opened") as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
