"""A few thousand broken files; a hundred thousand: ``python tests/hardening/fuzz.py 100000``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def test_what_is_broken_is_refused_in_a_sentence() -> None:
    spec = importlib.util.spec_from_file_location(
        "netbuilder_fuzz", Path(__file__).with_name("fuzz.py")
    )
    assert spec is not None and spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = fuzz
    spec.loader.exec_module(fuzz)
    told, found = fuzz.fuzz(2_000, 1)
    assert not found, found[0]
    # What is broken but a little is still read: the samples were sound, and cases reach far.
    assert sum(told.values()) == 2_000
    for kind in set(fuzz.samples()) - {"arguments"}:  # of which an exit code is a result
        assert told[f"{kind}: read"] and told[f"{kind}: refused"], kind
