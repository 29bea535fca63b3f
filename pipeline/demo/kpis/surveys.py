"""What the teams said in surveys, by the day they were sent; of fewer than five answers only the number is told."""

import numpy as np
import pandas as pd

from pipeline.demo.kpis.cells import Cells
from pipeline.demo.kpis.known import Known

_LEAST_ANSWERS = 5


def figures(known: Known) -> list[pd.DataFrame]:
    """enps in points (9 and 10 less 0 to 6, of all answers), pulse_favourable_share (4 and 5), survey_participation."""
    waves, given = known.shared["surveys/waves"], known.shared["surveys/responses"]
    answers = given[given.answer.notna()].merge(waves, on="wave_id")
    enps, pulse = answers[answers.survey_type == "enps"], answers[answers.survey_type == "pulse"]
    points = np.select([enps.answer >= 9, enps.answer <= 6], [100, -100], 0)
    people = answers.groupby("wave_id").respondent_id.nunique()
    respondents = waves.wave_id.map(people).fillna(0)
    segments = {"team": "team", "question": "question"}
    return [
        _suppressed(Cells(enps, pd.to_datetime(enps.sent_on), {"team": "team"}).ratios("enps", points)),
        _suppressed(
            Cells(pulse, pd.to_datetime(pulse.sent_on), segments).ratios("pulse_favourable_share", pulse.answer >= 4)
        ),
        Cells(waves, pd.to_datetime(waves.sent_on), {"team": "team", "survey_type": "survey_type"}).ratios(
            "survey_participation", respondents, waves.invited_count
        ),
    ]


def _suppressed(rows: pd.DataFrame) -> pd.DataFrame:
    few = rows.n < _LEAST_ANSWERS
    return rows.assign(**{name: rows[name].mask(few) for name in ("value", "numerator", "denominator")})
