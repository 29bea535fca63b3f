"""Leads that died, and how many of them came back."""

import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.funnel import LEAD_SEGMENTS
from pipeline.demo.kpis.known import DAY, Known


def figures(known: Known) -> list[pd.DataFrame]:
    """dead_lead_re_engagement_rate: of the deaths of a period, those that a touch came after."""
    leads = known.book.leads[["account", "member", "owner", "source"]]
    deaths = known.described(known.book.deaths.merge(leads, on=["account", "member"]))
    return [Cells(deaths, date_of(deaths.day * DAY), {**LEAD_SEGMENTS, "cause": "cause"}).ratios(
        "dead_lead_re_engagement_rate", deaths.is_re_engaged
    )]  # fmt: skip
