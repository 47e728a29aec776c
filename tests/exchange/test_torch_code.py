"""PyTorch code: in a process of its own it predicts what the model predicts."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.mark.peers
@pytest.mark.long
def test_it_predicts_what_the_model_predicts(every_network, run_code, checked_code):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    checked_code(run_code("torch", every_network), every_network)
