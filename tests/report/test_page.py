"""The page: whole, by itself, true to the figures, and safe from whatever names hold."""

from __future__ import annotations

import dataclasses
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.errors import Message, UserError
from netbuilder.report import page
from netbuilder.report.verdict import metric_text

VOID = {"meta", "img", "br"}
SECTIONS = ["What to know before use", "How good it is", "The network", "The data", "The training"]
SECTIONS += ["Inside the layers"]


class Reader(HTMLParser):
    """Checks that tags close in order, and collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


KINDS = {
    "flower": {"source": "flower"},
    "three groups": {"source": "gaussians", "validation": 0.3},
    "numbers": {"table": "numbers", "validation": 0.3, "target_scale": "standard"},
    "images": {"source": "digits", "layers": "reshape 1x8x8, conv 3 3x3 relu, flatten, 10 softmax"},
    "deep": {"source": "moons", "layers": "3 tanh, " * 12 + "1 sigmoid", "test": 0.2},
    "norms": {"source": "iris", "layers": "70 relu, batch norm, dropout 0.2, 3 softmax"},
}


def numbers() -> Table:
    """Two numbers to predict, and gaps."""
    rng = np.random.default_rng(2)
    values = rng.normal(1000, 300, (60, 4))
    values[:5, 0] = np.nan
    return Table(values, ("area", "rooms", "price", "rent"), targets=("price", "rent"))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_whole_and_needs_nothing_from_outside(subject, kind):
    given = KINDS[kind] | ({"table": numbers()} if "table" in KINDS[kind] else {})
    made = subject(**given, epochs=1)
    text = page.page(made)
    read = Reader(text)
    assert re.findall(r"<h2>(.*?)</h2>", text) == SECTIONS
    assert not read.tags & {"script", "link", "iframe", "object", "form"}
    for name, value in read.attributes:
        assert not name.startswith("on")
        if name in ("src", "href"):
            assert value.startswith(("data:image/png;base64,", "#"))
    assert "url(http" not in text and "@import" not in text
    for name, value in made.metrics[made.judged].items():
        assert metric_text(name, value) in read.text
    assert f"{made.plan.parameter_count:,}" in read.text


BAD = "<script>alert(1)</script>\"'&]]></style></svg>"


def hostile() -> Table:
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.normal(size=40), rng.integers(0, 2, 40), rng.integers(0, 2, 40)])
    words = {
        "\u202eevil": ("<b>x</b>", "{y}"),
        "<img src=x onerror=alert(1)>": (BAD, "a & b \udcff"),
    }
    columns = (f"{BAD} {{n}}", *words)
    return Table(values, columns, words, name="\x1b[2J<u>", notices=(Message("{x}", x="<i>"),))


def test_names_from_anywhere_are_text(subject, tmp_path):
    made = dataclasses.replace(subject(table=hostile()), name=f"<h1>{BAD}")
    page.write(tmp_path / "r.html", made)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    read = Reader(text)
    assert not read.tags & {"script", "img", "u", "i"}
    assert "<b>x" not in text and "\u202e" not in text and "\x1b" not in text
    assert BAD in read.text and "{y}" in read.text
    assert "default-src 'none'" in text


def test_pictures_are_svg_that_qt_reads(subject):
    svg = pytest.importorskip("PySide6.QtSvg")
    from PySide6.QtCore import QByteArray

    found = re.findall(r"<svg.*?</svg>", page.page(subject("flower")), re.DOTALL)
    assert len(found) == 6  # the network, the curve, W and A of two layers
    assert all(svg.QSvgRenderer(QByteArray(picture.encode())).isValid() for picture in found)


def test_a_wide_network_is_cut_into_bands(subject):
    text = page.page(subject(**KINDS["deep"]))
    bands = re.findall(r'<clipPath id="band\d"><rect x="(\S+)" .*? width="(\S+)"', text)
    assert len(bands) == 3 and text.count('<use href="#network"/>') == 2
    for (x, width), (following, _) in itertools.pairwise(bands):
        assert float(x) + float(width) == pytest.approx(float(following), abs=0.2)


def test_without_data_it_tells_why_and_what_it_can(subject):
    reason = Message("There is no such file <here>.")
    made = dataclasses.replace(subject(), dataset=None, why_none=reason)
    text = page.page(made)
    assert re.findall(r"<h2>(.*?)</h2>", text) == [SECTIONS[k] for k in (0, 2, 3, 4)]
    assert "cannot be told: There is no such file &lt;here&gt;." in text
    assert "petal length" in text


def test_many_classes_are_told_by_their_mistakes(subject, monkeypatch):
    monkeypatch.setattr(page, "MOST_CLASSES", 2)
    text = page.page(subject(epochs=1))
    assert "The most frequent mistakes, training" in text and "Confusion matrix" not in text


def test_it_speaks_the_language_it_is_given(subject):
    made = dataclasses.replace(subject(), say=lambda message: f"«{message}»")
    read = Reader(page.page(made))
    assert "«What to know before use»" in read.text and "«training»" in read.text


def test_a_name_of_another_kind_is_refused(subject, tmp_path: Path):
    with pytest.raises(UserError, match=r"ends in \.html"):
        page.write(tmp_path / "r.pdf", subject())
    assert list(tmp_path.iterdir()) == []
