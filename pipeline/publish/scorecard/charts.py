"""Small SVG charts. Each has its figures printed beside it, so they are hidden from screen readers or named."""

from collections.abc import Sequence
from html import escape


def bar(share: float, kind: str = "revenue", height: int = 6) -> str:
    """A horizontal bar of `share` (0-1) of its cell's width."""
    width = max(0.0, min(share, 1.0)) * 100
    return (
        f'<svg class="bar" viewBox="0 0 100 {height}" preserveAspectRatio="none" height="{height}" aria-hidden="true">'
        f'<rect class="track" width="100" height="{height}"/>'
        f'<rect class="{kind}" width="{width:.2f}" height="{height}"/></svg>'
    )


def pair(first: float, second: float) -> str:
    """Revenue above spend, both as shares (0-1) of one scale."""
    return (
        '<svg class="pair" viewBox="0 0 100 15" preserveAspectRatio="none" height="15" aria-hidden="true">'
        f'<rect class="revenue" width="{max(first, 0) * 100:.2f}" height="7"/>'
        f'<rect class="spend" y="8" width="{max(second, 0) * 100:.2f}" height="7"/></svg>'
    )


def spark(values: Sequence[float], width: int = 132, height: int = 26) -> str:
    """Twelve months as small columns; the last, which may be unfinished, is paler."""
    top = max(values, default=0) or 1
    step = width / max(len(values), 1)
    columns = []
    for position, value in enumerate(values):
        tall = max(value, 0) / top * (height - 1)
        kind = "revenue last" if position == len(values) - 1 else "revenue"
        columns.append(
            f'<rect class="{kind}" x="{position * step:.1f}" y="{height - tall:.1f}" '
            f'width="{step - 2:.1f}" height="{tall:.1f}"/>'
        )
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        f'{"".join(columns)}<line class="axis" x1="0" x2="{width}" y1="{height}" y2="{height}"/></svg>'
    )


def months(revenue: Sequence[float], spend: Sequence[float], top: float, label: str) -> str:
    """A panel of small multiples: revenue as columns, spend as a stepped line, on the scale all panels share."""
    width, height = 228, 62
    step = width / max(len(revenue), 1)
    scale = (height - 4) / (top or 1)
    columns = "".join(
        f'<rect class="revenue{" last" if n == len(revenue) - 1 else ""}" x="{n * step + 1:.1f}" '
        f'y="{height - value * scale:.1f}" width="{step - 3:.1f}" height="{max(value, 0) * scale:.1f}"/>'
        for n, value in enumerate(revenue)
    )
    line = ""
    if any(spend):
        points = " ".join(
            f"{n * step:.1f},{height - value * scale:.1f} {(n + 1) * step:.1f},{height - value * scale:.1f}"
            for n, value in enumerate(spend)
        )
        line = f'<polyline class="spend-line" points="{points}"/>'
    return (
        f'<svg class="months" viewBox="0 0 {width} {height + 1}" role="img" aria-label="{escape(label, quote=True)}">'
        f'{columns}<line class="axis" x1="0" x2="{width}" y1="{height}" y2="{height}"/>{line}</svg>'
    )


def extent(values: Sequence[float], marked: float, top: float) -> str:
    """From the lowest to the highest of `values`, with the marked one, on a scale of 0 to `top`."""
    scale = 96 / (top or 1)
    low, high = min(values) * scale + 2, max(values) * scale + 2
    ticks = "".join(f'<circle class="other" cx="{value * scale + 2:.2f}" cy="7" r="1.6"/>' for value in values)
    return (
        '<svg class="extent" viewBox="0 0 100 14" width="150" height="21" aria-hidden="true">'
        f'<line class="axis" x1="2" x2="98" y1="7" y2="7"/>'
        f'<line class="span" x1="{low:.2f}" x2="{high:.2f}" y1="7" y2="7"/>'
        f'{ticks}<circle class="chosen" cx="{marked * scale + 2:.2f}" cy="7" r="2.8"/></svg>'
    )
