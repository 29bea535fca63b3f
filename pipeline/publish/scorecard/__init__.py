"""The scorecard: one HTML file that says what was published, readable without a server or a network."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.publish.scorecard import alignment, sections, text, trust
from pipeline.publish.scorecard.figures import NoDataError, Period, Reader
from pipeline.publish.scorecard.style import STYLE
from pipeline.warehouse import Warehouse

#: Title and HTML of each section, in the order they are read. A title is shown where a section has no data.
SECTIONS: tuple[tuple[str, Callable[[Reader], str]], ...] = (
    ("Key figures", sections.tiles),
    ("Funnel", sections.funnel),
    ("Leads handed to sales", alignment.handovers),
    ("Sales and marketing together", alignment.measures),
    ("Signals of misalignment", alignment.signals),
    ("Credit by channel, by every model", sections.credit),
    ("Revenue and spend by channel", sections.channels),
    ("Paths to a conversion", sections.paths),
    ("What was delivered, and what was kept out", trust.deliveries),
    ("Checks at the doors", trust.doors),
)


def write(warehouse: Warehouse, path: Path, business_date: date, rules: Mapping[str, Any]) -> None:
    """Write the scorecard of the marts as they are now to `path`."""
    path.write_text(render(warehouse, business_date, rules), encoding="utf-8")


def render(warehouse: Warehouse, business_date: date, rules: Mapping[str, Any]) -> str:
    """The scorecard as HTML. A section whose marts are missing or empty says so."""
    period = Period.until(business_date)
    reader = Reader(warehouse, period, rules)
    body = "".join(_drawn(title, draw, reader) for title, draw in SECTIONS)
    currency = text.plain(rules.get("reporting_currency", ""))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scorecard, {business_date}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<p class="eyebrow">Touchledger scorecard</p>
<h1>{business_date.day} {business_date:%B %Y}</h1>
<p class="lead">As of the end of this business date. Where nothing else is said, figures cover the twelve months
{period.start:%B %Y} to {business_date:%B %Y}, and amounts are in {currency or "the reporting currency"}.</p>
</header>
<main>
{body}
</main>
<footer>
<p>Every figure is a query over the marts published beside this file, in <code>touchledger.duckdb</code> and
<code>parquet/</code>; <code>manifest.json</code> has their checksums. Credit of one conversion sums to its amount, to
the smallest unit of its currency, for every model.</p>
</footer>
</body>
</html>
"""


def _drawn(title: str, draw: Callable[[Reader], str], reader: Reader) -> str:
    try:
        return draw(reader)
    except NoDataError as error:
        reason = str(error)
    except Exception as error:  # a mart that was changed must not keep the marts from being published
        reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    return f'<section><h2>{title}</h2><p class="none">No data: {text.plain(reason)}.</p></section>'
