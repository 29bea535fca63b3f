"""Numbers and names as people read them, escaped for HTML."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

#: The letter that a model's curve is named after.
_SHAPES = re.compile(r"(?<![a-z])([a-z])_shaped")
#: Names that are abbreviations; other names lose their underscores.
_ABBREVIATIONS = {
    "mql": "MQL",
    "sal": "SAL",
    "sql": "SQL",
    "sdr_outbound": "SDR outbound",
    "enps": "eNPS",
    "cac": "CAC",
}
#: What is printed where there is no figure.
NOTHING = "\N{EN DASH}"


def plain(value: Any) -> str:
    """Any text as it is, escaped."""
    return escape(str(value))


def words(value: Any) -> str:
    """A channel, stage or model as words, not escaped: `paid_search_brand` → `paid search brand`."""
    shaped = _SHAPES.sub(lambda letter: f"{letter[1].upper()}-shaped", str(value))
    return " ".join(_ABBREVIATIONS.get(word, word) for word in shaped.split("_"))


def name(value: Any) -> str:
    """The same, escaped."""
    return escape(words(value))


def capital(value: Any) -> str:
    """A name that begins a line."""
    text = name(value)
    return text if text.startswith("eNPS") else text[:1].upper() + text[1:]


def count(value: float | None) -> str:
    """`12,345`, a dash for nothing known."""
    return NOTHING if value is None else f"{float(value):,.0f}"


def decimal(value: float | None) -> str:
    """One place: `1.5`."""
    return NOTHING if value is None else f"{float(value):,.1f}"


def share(value: float | None, places: int = 0) -> str:
    """0-1 as a percentage."""
    return NOTHING if value is None else f"{float(value) * 100:.{places}f}%"


def money(value: float | None, currency: str = "") -> str:
    """`1.24 M`, `356 k`: three figures, with the currency if given."""
    if value is None:
        return NOTHING
    size, prefix = abs(float(value)), f"{escape(currency)} " if currency else ""
    for unit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= unit * 0.9995:
            scaled = float(value) / unit
            places = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
            return f"{prefix}{scaled:,.{places}f} {letter}"
    return f"{prefix}{float(value):,.0f}"


def table(
    caption: str,
    heads: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str]],
    foot: Sequence[str] = (),
    css: str = "",
) -> str:
    """A table with a caption; `heads` are (text, class), the first cell of a row is its header. Cells are HTML."""
    head = "".join(f'<th scope="col" class="{css_class}">{text}</th>' for text, css_class in heads)

    def line(cells: Sequence[str]) -> str:
        others = "".join(
            f'<td class="{css_class}">{cell}</td>' for cell, (_, css_class) in zip(cells[1:], heads[1:], strict=True)
        )
        return f'<tr><th scope="row">{cells[0]}</th>{others}</tr>'

    body = "".join(line(row) for row in rows)
    footer = f"<tfoot>{line(foot)}</tfoot>" if foot else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}">'
        f'<table class="{css}"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{footer}</table></div>"
    )
