"""Distances to a known truth, by hand."""

from pathlib import Path

import pytest

from pipeline.attribution.evaluation.truth import distances, read_truth
from pipeline.errors import UsageError

EFFECTS = """channel,outcome,expected_total,expected_lost_without,standard_error
webinar,won,10,6,0.8
email,won,10,2,0.4
display,won,10,-1,0.4
all_channels,won,10,8,1.0
email,mql,10,0,0
"""


@pytest.fixture
def truth(tmp_path: Path):
    (tmp_path / "effects.csv").write_text(EFFECTS)
    return read_truth(tmp_path)


def test_true_shares_are_what_each_channel_alone_would_cost(truth):
    assert {channel: effect.share for channel, effect in truth["won"].items()} == {
        "webinar": 0.75,
        "email": 0.25,
        "display": 0.0,
    }
    assert truth["won"]["webinar"].standard_error == pytest.approx(0.1)
    assert "mql" not in truth, "nothing would be lost, so there are no shares"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no column outcome, channel, expected_lost_without, standard_error"),
        (EFFECTS.replace("outcome", "stage"), "has no column outcome;"),
        (EFFECTS.replace("6,0.8", "many,0.8"), "line 2: expected_lost_without is 'many', not a number"),
        (EFFECTS.replace("2,0.4", "2,nan"), "line 3: standard_error is 'nan', not a number"),
        ("channel,outcome\0", "effects.csv"),
    ],
)
def test_a_truth_that_no_simulation_wrote_is_answered_with_a_sentence(tmp_path: Path, content: str, says: str):
    (tmp_path / "effects.csv").write_text(content)
    with pytest.raises(UsageError, match=says):
        read_truth(tmp_path)


def test_a_model_further_away_than_the_nearest_baseline_loses(truth):
    found = distances(
        truth,
        {
            ("linear", "won", "touch_credit"): {"webinar": 2, "email": 2},
            ("last_touch", "won", "touch_credit"): {"direct": 4},
            ("markov", "won", "channel_credit"): {"webinar": 1, "display": 1},
            ("hazard", "won", "channel_credit"): {"webinar": 3, "email": 1},
            ("linear", "mql", "touch_credit"): {"email": 1},
        },
    )
    assert [(one.model_name, one.total_variation, one.best_baseline, one.loses) for one in found] == [
        ("hazard", 0.0, "linear", False),
        ("linear", 0.25, "linear", False),
        ("markov", 0.5, "linear", True),
        ("last_touch", 1.0, "linear", False),
    ]
