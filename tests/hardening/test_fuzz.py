"""A few thousand broken files; a hundred thousand: ``python -m tests.hardening.fuzz``."""

from __future__ import annotations

from pathlib import Path

import pytest

from netbuilder.errors import UserError
from netbuilder.npz import Refused
from tests.hardening import fuzz

CORPUS = Path(__file__).parent / "corpus"


def test_what_is_broken_is_refused_in_a_sentence() -> None:
    told, found = fuzz.fuzz(2_000, 1)
    assert not found, found[0]
    # What is broken but a little is still read: the samples were sound, and cases reach far.
    assert sum(told.values()) == 2_000
    # Of arguments an exit code is a result, of settings what is left of them.
    for kind in set(fuzz.samples()) - {"arguments", "settings"}:
        assert told[f"{kind}: read"] and told[f"{kind}: refused"], kind


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir()))
def test_what_was_once_found_stays_mended(name: str, tmp_path: Path) -> None:
    """A file is called by the kind of its reader, and by what is wrong with it."""
    _, _, read = fuzz.samples()[name.partition(",")[0]]
    path = tmp_path / name
    path.write_bytes((CORPUS / name).read_bytes())
    try:
        read(path)
    except (UserError, Refused) as error:
        assert "of a kind that netbuilder does not know" not in str(error), "only the guard knew"
