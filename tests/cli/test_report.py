"""The command that writes a page: of a trained project, with or without its data."""

from __future__ import annotations

from pathlib import Path

from netbuilder.document.file import storage


def test_a_page_is_written_about_a_run(ok, fruit):
    ok("new", "f.netb", "--data", fruit, "--test", "0.2")
    ok("train", "f.netb", "--epochs", "3", "--quiet")
    ran = ok("report", "f.netb", "f.html")
    assert ran.out == "f.html: a page about f.netb, to open in a browser\n"
    text = Path("f.html").read_text(encoding="utf-8")
    assert "<b>3</b><span>epochs of training</span>" in text and "lime, Persian" in text


def test_data_that_is_gone_is_told_on_the_page(ok, fruit, monkeypatch):
    monkeypatch.setattr(storage, "LARGEST_TABLE", 100)  # so that the data stays where it is
    ok("new", "f.netb", "--data", fruit)
    ok("train", "f.netb", "--epochs", "1", "--quiet")
    fruit.unlink()
    ok("report", "f.netb", "g.html")
    text = Path("g.html").read_text(encoding="utf-8")
    assert "The data is not there" in text and "words: green, red" in text


def test_an_untrained_network_is_reported_as_such(ok):
    ok("new", "n.netb", "--data", "moons")
    assert "not trained yet" in ok("report", "n.netb", "n.html").err
    assert "This network is not trained" in Path("n.html").read_text(encoding="utf-8")


def test_another_suffix_is_refused_before_anything_is_read(refused):
    assert "ends in .html" in refused("report", "none.netb", "out.pdf")
