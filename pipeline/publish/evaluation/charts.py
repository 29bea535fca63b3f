"""Small SVG plots of the report. Their figures are printed beside them, so they are hidden from screen readers."""

from collections.abc import Sequence
from html import escape


def whisker(value: float, low: float, high: float, least: float, most: float, zero: float, css: str = "") -> str:
    """A dot with its interval on the scale `least` to `most`, and a line where there is no difference."""
    width = (most - least) or 1.0

    def at(number: float) -> float:
        return min(max((number - least) / width, 0.0), 1.0) * 196 + 2

    return (
        '<svg class="dots" viewBox="0 0 200 18" preserveAspectRatio="none" aria-hidden="true">'
        f'<line class="zero" x1="{at(zero):.1f}" x2="{at(zero):.1f}" y1="1" y2="17"/>'
        f'<line class="whisker {css}" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="9" y2="9"/>'
        f'<rect class="dot {css}" x="{at(value) - 1.6:.1f}" y="4.5" width="3.2" height="9" rx="1"/></svg>'
    )


def two_dots(value: float, other: float, most: float, css: str = "") -> str:
    """A value and what it is held against, on a scale from 0 to `most`."""
    scale = 196 / (most or 1.0)
    near, far = value * scale + 2, other * scale + 2
    return (
        '<svg class="dots" viewBox="0 0 200 18" preserveAspectRatio="none" aria-hidden="true">'
        '<line class="axis" x1="2" x2="198" y1="9" y2="9"/>'
        f'<line class="whisker {css}" x1="{min(near, far):.1f}" x2="{max(near, far):.1f}" y1="9" y2="9"/>'
        f'<rect class="dot other" x="{far - 1.2:.1f}" y="3" width="2.4" height="12"/>'
        f'<rect class="dot {css}" x="{near - 1.6:.1f}" y="4.5" width="3.2" height="9" rx="1"/></svg>'
    )


def reliability(points: Sequence[tuple[float, float, float]], label: str) -> str:
    """Predicted against observed with the diagonal of perfect calibration; points are (predicted, observed, count)."""
    size, margin = 210, 26

    def at(x: float, y: float) -> tuple[float, float]:
        return margin + x * size, 6 + (1 - y) * size

    most = max((count for *_, count in points), default=1.0)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(predicted, observed) for predicted, observed, _ in points))
    dots = "".join(
        f'<circle class="dot" cx="{at(predicted, observed)[0]:.1f}" cy="{at(predicted, observed)[1]:.1f}" '
        f'r="{2 + 3 * (count / most) ** 0.5:.1f}"/>'
        for predicted, observed, count in points
    )
    (left, bottom), (right, top) = at(0, 0), at(1, 1)
    ticks = "".join(
        f'<text class="axis-text" x="{at(mark, 0)[0]:.1f}" y="{bottom + 13:.1f}" text-anchor="middle">{mark:g}</text>'
        f'<text class="axis-text" x="{left - 4:.1f}" y="{at(0, mark)[1] + 3:.1f}" text-anchor="end">{mark:g}</text>'
        for mark in (0, 0.5, 1)
    )
    return (
        f'<svg class="plot" viewBox="0 0 {size + margin + 12} {size + 26}" role="img" '
        f'aria-label="{escape(label, quote=True)}">'
        f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'
        f'<line class="axis" x1="{left}" x2="{left}" y1="{bottom}" y2="{top}"/>'
        f'<line class="diagonal" x1="{left}" y1="{bottom}" x2="{right}" y2="{top}"/>{ticks}'
        f'<polyline class="reliability" points="{line}"/>{dots}</svg>'
    )
