"""Loading torch takes seconds and hundreds of megabytes: only where its tests are wanted."""

from __future__ import annotations

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return True if config.option.markexpr == "not peers" else None
