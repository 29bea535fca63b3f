"""Pipeline that marketing began or had a part in, as shares of all that was opened."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.known import Known

_SEGMENTS = {"lead_source": "source", "owner": "owner", "opportunity_type": "type"}


def figures(known: Known) -> list[pd.DataFrame]:
    """marketing_sourced_pipeline_share and marketing_influenced_pipeline_share, by the day deals were opened."""
    deals = known.book.deals
    opened = date_of(deals.created)
    rated_on = date_of(deals.closed).where(deals.outcome == "won", opened)
    amount = known.in_reporting_currency(deals.amount, deals.currency, rated_on)
    cells = Cells(deals, opened, _SEGMENTS)
    return [
        cells.ratios(f"marketing_{name}_pipeline_share", np.where(deals[f"is_{name}"], amount, 0), amount, n=1)
        for name in ("sourced", "influenced")
    ]
