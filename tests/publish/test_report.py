"""What `touchledger report` shows of publications that an older version made."""

import pytest

from pipeline.errors import UsageError
from pipeline.report import SECTIONS, show_report


def test_a_report_says_what_a_publication_lacks_and_shows_the_rest(publishing, warehouse, settings, capsys):
    warehouse.execute(
        """CREATE TABLE marts.fct_funnel_period AS
        SELECT 'mql' AS stage, 7 AS entry_count, 'overall' AS segment_type, 'all_time' AS period_grain"""
    )
    publishing()
    show_report(settings)
    said = capsys.readouterr().out
    assert "mql" in said
    assert "7" in said
    missing = said.partition("Not in this publication")[2]
    assert "mart_sal_acceptance" in missing, "there is no such mart"
    assert "fct_credits" in missing, "the mart is there and lacks a column"
    assert "fct_funnel_period" not in missing
    assert "touchledger run" in missing
    assert len(SECTIONS) > 1


def test_a_report_of_nothing_published_says_what_to_do(settings):
    with pytest.raises(UsageError, match="touchledger run"):
        show_report(settings)
