"""Which encoding a text file is in, told from its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from netbuilder.data.reading import ENCODINGS, Ambiguous
from netbuilder.errors import Message, UserError

_BLOCK = 2**20
_EVIDENCE = 2**16
"""Bytes beyond ASCII, with what is around them, that are looked at; more would say the same."""
_MARGIN = 0.25
"""By so much the likeliest encoding must be ahead of the next."""


def encoding_of(path: Path) -> str:
    """The encoding of a whole file, as Python calls it.

    Raises:
        UserError: it is no text.
        Ambiguous: several encodings make sense of it.
        OSError: it cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, evidence, length = True, [], 0
    with path.open("rb") as handle:
        block = handle.read(_BLOCK)
        found = _by_its_start(path.name, block)
        if found:
            return found
        while block:
            if b"\0" in block:
                raise UserError("{file} is a binary file, expected text.", file=path.name)
            if not block.isascii() and length < _EVIDENCE:
                lines = [line for line in block.splitlines() if not line.isascii()]
                evidence += lines
                length += sum(map(len, lines))
            if is_utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
            if not is_utf8 and length >= _EVIDENCE:
                break
            block = handle.read(_BLOCK)
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8"
    return _likeliest(path.name, b"\n".join(evidence)[: 2 * _EVIDENCE])


def _by_its_start(file: str, block: bytes) -> str:
    if block.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if block.startswith(b"PK\x03\x04"):
        raise UserError(
            "{file} is a zip archive or an Excel workbook, expected text; save it as CSV.",
            file=file,
        )
    # In Latin letters and digits every other byte of UTF-16 is 0.
    start = block[:4096]
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        others = start.count(0) - zeros.count(0)
        if zeros.count(0) > 0.5 * len(zeros) and not others:
            return name
    return ""


def _likeliest(file: str, evidence: bytes) -> str:
    scores = {
        name: score(evidence) if _decodes(evidence, name) else 0.0
        for name, score in (("cp1252", _latin), ("gb18030", _gb), ("big5", _big5))
    }
    first, second, *_ = sorted(scores, key=lambda name: -scores[name])
    if scores[first] >= 0.5 and scores[first] - scores[second] >= _MARGIN:
        return first
    possible = [name for name in scores if _decodes(evidence, name)]
    if not possible:
        raise UserError(
            "{file} is not text in UTF-8, UTF-16, cp1252, GB18030 or Big5; save it as UTF-8 and "
            "open it again, or say which encoding it has with --encoding.",
            file=file,
        )
    possible.sort(key=lambda name: -scores[name])
    texts = [_sample(evidence, name) for name in possible]
    raise Ambiguous(
        Message(
            "{file} is not UTF-8, and its other characters may be read as {readings}.",
            file=file,
            readings=", ".join(
                f"{text!r} ({name})" for text, name in zip(texts, possible, strict=True)
            ),
        ),
        "encoding",
        tuple(possible),
    )


def _decodes(evidence: bytes, name: str) -> bool:
    try:
        # The last line may have been cut within a character.
        codecs.getincrementaldecoder(name)().decode(evidence)
    except UnicodeDecodeError:
        return False
    return True


def _sample(evidence: bytes, name: str) -> str:
    """The first word with a character beyond ASCII."""
    text = evidence[:4096].decode(name, errors="ignore")
    found = re.search(r"\w{0,12}[^\x00-\x7f]+\w{0,12}", text)
    return found.group() if found else text[:20]


_HIGH = re.compile(rb"[\x80-\xff]")
_LATIN_LETTER = re.compile(
    rb"(?<![\x80-\xff])(?:(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xff\x8a\x8c\x8e\x9a\x9c\x9e\x9f]"
    rb"|[\xc0-\xd6\xd8-\xf6\xf8-\xff\x8a\x8c\x8e\x9a\x9c\x9e](?=[A-Za-z]))(?![\x80-\xff])"
)
_LATIN_SIGN = re.compile(
    rb"(?<![\x80-\xff])(?:(?<=[\d ,;\t\"(])[\x80\xa3\xa7\xa9\xae\xb0-\xb3\xb5\xbc-\xbe\xa0\xb1]"
    rb"|(?<=[A-Za-z])[\xb2\xb3\x92\x99\xae]|[\xb5\xb0\x80\xa3](?=[A-Za-z\d]))(?![\x80-\xff])"
)


def _latin(evidence: bytes) -> float:
    """The share of high bytes that stand alone, as letters in words or as usual signs."""
    high = len(_HIGH.findall(evidence))
    alone = len(_LATIN_LETTER.findall(evidence)) + len(_LATIN_SIGN.findall(evidence))
    return alone / max(1, high)


def _gb(evidence: bytes) -> float:
    """The share of characters among the 3,755 usual ones of GB 2312 and its signs."""

    def is_usual(lead: int, trail: int) -> bool:
        return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)

    return _usual(evidence, is_usual, lambda trail: 4 if 0x30 <= trail <= 0x39 else 2)


def _big5(evidence: bytes) -> float:
    """The share of characters among the 5,401 usual ones of Big5 and its signs."""
    return _usual(
        evidence, lambda lead, _: 0xA4 <= lead <= 0xC6 or 0xA1 <= lead <= 0xA3, lambda _: 2
    )


def _usual(
    evidence: bytes, is_usual: Callable[[int, int], bool], length: Callable[[int], int]
) -> float:
    """The share of usual characters, told by the first two bytes; the second tells the length."""
    usual = other = at = 0
    while at < len(evidence):
        lead = evidence[at]
        if lead < 0x80:
            at += 1
            continue
        trail = evidence[at + 1] if at + 1 < len(evidence) else 0
        found = is_usual(lead, trail)
        usual, other = usual + found, other + (not found)
        at += length(trail)
    return usual / max(1, usual + other)


def known(name: str) -> str:
    """An encoding by any of its names; raises UserError for one that there is not."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UserError(
            "There is no encoding {name!r}; expected one of {known}, or another that Python knows.",
            name=name,
            known=", ".join(ENCODINGS),
        ) from None
