"""What pictures of a report are drawn with: text made safe, colours, pixels, shapes of SVG."""

from __future__ import annotations

import base64
import html
import struct
import unicodedata
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.errors import printable

Array = NDArray[Any]

TEXT, MUTED, LINE, STRONG_LINE = "#18212c", "#5f6b7a", "#dde2e8", "#b8c1cc"
ACCENT, PANEL, SUNKEN = "#0b8276", "#ffffff", "#eceff2"
POSITIVE, NEGATIVE, ZERO = "#2474d4", "#e8791c", "#f7f7f5"
CLASSES = (
    *("#e8791c", "#2474d4", "#3a9d5d", "#9355c9", "#c93a64"),
    *("#8a7a1f", "#1f97a8", "#6b7686", "#a8562f", "#4a4fc4"),
)
"""The colours of the window's light theme: paper is light. A test holds the two together."""


def safe(text: object) -> str:
    """A text as HTML and SVG may hold it, wherever it comes from: between tags or in quotes."""
    return html.escape(printable(str(text)))


def short(text: str, most: int) -> str:
    """Where there is room for so many letters; those of East Asia take twice as much."""
    text = printable(text)
    if sum(map(_room, text)) <= most:
        return text
    left = most - 1
    for place, letter in enumerate(text):
        left -= _room(letter)
        if left < 0:
            return f"{text[:place]}…"
    return text


def _room(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def colors(signed: Array | float) -> NDArray[np.uint8]:
    """(…, 3) of numbers from −1, orange, over 0, neutral, to 1, blue; what is no number is grey."""
    signed = np.asarray(signed, float)
    anchors = np.array([_rgb(color) for color in (NEGATIVE, ZERO, POSITIVE)], float)
    held = np.clip(np.nan_to_num(signed, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    found = np.stack(
        [np.interp(held, (-1.0, 0.0, 1.0), anchors[:, channel]) for channel in range(3)], axis=-1
    )
    found[np.isnan(signed)] = _rgb(STRONG_LINE)
    return np.round(found).astype(np.uint8)


def color(signed: float) -> str:
    red, green, blue = colors(signed).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def ink(background: str) -> str:
    """Dark or light, whichever reads better on it."""
    red, green, blue = _rgb(background)
    return TEXT if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def png(pixels: NDArray[np.uint8]) -> str:
    """A data URI of (height, width, 3) pixels. The format: W3C, Portable Network Graphics."""
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with its filter, none
    lines[:, 1:] = pixels.reshape(height, 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(lines.tobytes(), 9)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    found = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(found).decode()}"


# --- shapes --------------------------------------------------------------------------------------


def svg(width: float, height: float, parts: list[str], *, box: str = "", label: str = "") -> str:
    """A picture of so many units, as wide as there is room for, but no wider."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box or f"0 0 {width:g} {height:g}"}" '
        f'width="{width:g}" role="img" aria-label="{safe(label)}">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "middle",
    size: float = 11,
    fill: str = MUTED,
    more: str = "",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'fill="{fill}"{more}>{safe(words)}</text>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"'
        f"{more}/>"
    )


def image(x: float, y: float, width: float, height: float, pixels: NDArray[np.uint8]) -> str:
    """Its pixels as squares, however large."""
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" href="{png(pixels)}"/>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, more: str = ""
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:.2f}"{more}/>'
    )
