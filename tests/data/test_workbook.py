"""Excel workbooks: typed cells need no guess, what is ambiguous is asked, hostile files end in one
sentence."""

from __future__ import annotations

import datetime
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook

from netbuilder.data import workbook
from netbuilder.data.files import read_table
from netbuilder.data.reading import Ambiguous, Reading
from netbuilder.errors import UserError


def written(path: Path, *sheets: list[list[Any]], names: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    book.remove(book.active)
    for k, rows in enumerate(sheets):
        sheet = book.create_sheet(names[k] if names else f"Sheet{k + 1}")
        for row in rows:
            sheet.append(row)
    path = path / "own.xlsx"
    book.save(path)
    return path


def test_cells_are_what_they_are_typed_as(tmp_path: Path) -> None:
    day = datetime.date(2024, 5, 1)
    rows = [["length", "sold", "when", "colour", "price"]]
    rows += [
        [1.463, True, day, "red", 1200],
        [None, False, day, " blue", 989],
        [2, True, day, "?", 5],
    ]
    table = read_table(written(tmp_path, rows))
    assert table.columns == ("length", "sold", "when", "colour", "price")
    assert table.categories == {
        "sold": ("FALSE", "TRUE"),
        "when": ("2024-05-01T00:00:00",),
        "colour": ("blue", "red"),
    }
    np.testing.assert_array_equal(
        table.values,
        [[1.463, 1, 0, 1, 1200], [np.nan, 0, 0, 0, 989], [2, 1, 0, np.nan, 5]],
    )
    assert table.targets == ("price",) and table.reading == Reading(header="yes", sheet="Sheet1")


def test_the_table_is_found_where_it_lies(tmp_path: Path) -> None:
    rows = [[], [None, None, "a", "b"], [None, None, 1, 2], [], [None, None, 3, 4]]
    table = read_table(written(tmp_path, rows))
    assert table.columns == ("a", "b")
    np.testing.assert_array_equal(table.values, [[1, 2], [3, 4]])


def test_without_a_header_names_are_made_up(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, [[1.5, 2], [3, 4.5]]))
    assert table.columns == ("x1", "y") and table.m == 2
    assert "has no header" in str(table.notices[0])


def test_several_sheets_are_asked_about(tmp_path: Path) -> None:
    path = written(
        tmp_path, [["a", "b"], [1, 2]], [], [["c", "d"], [3, 4]], names=("old", "none", "new year")
    )
    with pytest.raises(Ambiguous, match='--sheet old or --sheet "new year"') as caught:
        read_table(path)
    assert (caught.value.option, caught.value.choices) == ("sheet", ("old", "new year"))
    table = read_table(path, reading=Reading(sheet="new year"))
    assert table.columns == ("c", "d") and table.sheets == ("old", "none", "new year")
    with pytest.raises(UserError, match=r"no sheet 'newer'; it has: old, none, new year\."):
        read_table(path, reading=Reading(sheet="newer"))


def test_one_filled_sheet_is_not_asked_about(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, [], [["a", "b"], [1, 2]])).columns == ("a", "b")


def test_numbers_that_were_typed_as_text(tmp_path: Path) -> None:
    rows = [["a", "b"], ["1,5", 2.25], ["2,75", 3]]
    table = read_table(written(tmp_path, rows))
    np.testing.assert_array_equal(table.values, [[1.5, 2.25], [2.75, 3]])
    assert table.reading is not None and table.reading.decimal == ","
    open_one = written(tmp_path, [["a", "b"], ["1.463", 2], ["989", 3]])
    with pytest.raises(Ambiguous, match="decimal"):
        read_table(open_one)
    said = read_table(open_one, reading=Reading(decimal=","))
    np.testing.assert_array_equal(said.values[:, 0], [1463, 989])


def test_a_cell_beside_the_table_is_told_with_its_row(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(workbook, "_SAMPLE", 2)
    rows = [["a", "b"], [1, 2], [3, 4, "note"]]
    with pytest.raises(UserError, match=r"own\.xlsx, row 3: a cell stands beside the table"):
        read_table(written(tmp_path, rows))


def changed(path: Path, member: str, old: bytes, new: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in members[member]
    members[member] = members[member].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        (SHEET, b"</worksheet>", b""),
        (SHEET, b'r="B2"', b'r="XFE2"'),
        (SHEET, b'r="2"', b'r="99999999999"'),
        ("xl/workbook.xml", b"<workbook", b"<nothing"),
    ],
)
def test_damaged_and_hostile_files_end_in_a_sentence(
    tmp_path: Path, member: str, old: bytes, new: bytes
) -> None:
    path = changed(written(tmp_path, [["a", "b"], [1, 2], [3, 4]]), member, old, new)
    with pytest.raises(UserError, match=r"own\.xlsx"):
        read_table(path)


def test_a_short_text_that_unfolds_to_gigabytes(tmp_path: Path) -> None:
    path = changed(
        written(tmp_path, [["a", "b"], [1, 2]]), SHEET, b"<sheetData>", b"<sheetData>&j;"
    )
    bomb = b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9)
    )
    changed(path, SHEET, b"<worksheet", bomb + b"]><worksheet")
    with pytest.raises(UserError, match=r"own\.xlsx cannot be read"):
        read_table(path)


def test_what_would_unpack_to_too_much_is_not_read(tmp_path: Path, monkeypatch: Any) -> None:
    path = written(tmp_path, [["a", "b"], [1, 2]])
    monkeypatch.setattr(workbook, "_MOST_OF_FORMATS", 100)
    with pytest.raises(UserError, match="would unpack to"):
        read_table(path)


def test_no_workbook_at_all(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(UserError, match=r"own\.xlsx cannot be read as an Excel workbook"):
        read_table(path)


@pytest.mark.parametrize("library", ["openpyxl", "pyarrow"])
def test_without_the_library_a_sentence_says_what_to_install(tmp_path: Path, library: str) -> None:
    path = tmp_path / ("own.xlsx" if library == "openpyxl" else "own.parquet")
    path.write_bytes(b"PK")
    code = (
        "import sys\n"
        f"sys.modules[{library!r}] = None\n"
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        f"util.find_spec = lambda name: None if name == {library!r} else found(name)\n"
        "from netbuilder.data.files import read_table\n"
        f"read_table({str(path)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f'are read by {library}: pip install "netbuilder[tables]"' in done.stderr


def test_a_file_that_openpyxl_fails_over_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Any] = []

    def fail(handle: Any, **_: object) -> None:
        handed.append(handle)
        raise KeyError("odd")

    monkeypatch.setattr("openpyxl.load_workbook", fail)
    with pytest.raises(UserError, match="odd"):
        read_table(written(tmp_path, [["a", "b"], [1, 2]]))
    assert handed[0].closed
