"""What customers said: complaints, promises that were not kept, and how content they were."""

import pandas as pd

from pipeline.demo.kpis.cells import Cells, date_of
from pipeline.demo.kpis.known import ACCOUNT_SEGMENTS, Known

_SEGMENTS = {"owner": "owner", **ACCOUNT_SEGMENTS}
_COMPLAINT = 2
#: Scores of 1 to 5 from which a customer is content.
_CONTENT = 4


def figures(known: Known) -> list[pd.DataFrame]:
    """complaint_share and broken_promise_share of cases by the day they were opened, customer_satisfaction."""
    cases = known.described(known.book.cases)
    cases = cases[cases.opened < known.end]
    complains = cases.kind == _COMPLAINT
    # Every second complaint says that sales had promised something else.
    opened = Cells(cases, date_of(cases.opened), _SEGMENTS)
    answered = cases[(cases.closed < known.end) & cases.score.notna()]
    closed = Cells(answered, date_of(answered.closed), _SEGMENTS)
    return [
        opened.ratios("complaint_share", complains),
        opened.ratios("broken_promise_share", complains & (cases.number % 2 == 1)),
        closed.ratios("customer_satisfaction", answered.score >= _CONTENT),
    ]
