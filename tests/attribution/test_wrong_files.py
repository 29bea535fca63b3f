"""A sentence for whatever is wrong with files that are to be attributed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.attribution import attribute_file
from pipeline.errors import UsageError
from tests.attribution.conftest import Run

HEADER = "journey_id,touch_number,touched_at,channel,converted,amount\n"
WRONG = {
    "no such column": (
        "journey_id,channel\nj,a\n",
        {},
        "journeys.csv has no column converted; it has journey_id, channel, ",
    ),
    "no order": ("journey_id,channel,converted\nj,a,1\n", {}, "journeys.csv has neither touched_at nor touch_number"),
    "an empty file": ("", {}, "journeys.csv is empty"),
    "a column twice": ("journey_id,channel,channel\n", {}, "journeys.csv has the column 'channel' more than once"),
    "mixed converted": (
        HEADER + "j,1,,a,1,\nj,2,,b,0,\n",
        {},
        "journey 'j' (lines 2 to 3) has more than one value of converted",
    ),
    "mixed amounts": (
        HEADER + "j,1,,a,1,5\nj,2,,b,1,6\n",
        {},
        "journey 'j' (lines 2 to 3) has more than one value of amount",
    ),
    "no converted": (HEADER + "j,1,,a,1,\nk,2,,b,,\n", {}, "journeys.csv line 3: converted is empty"),
    "a strange converted": (HEADER + "j,1,,a,maybe,\n", {}, "line 2: converted is 'maybe', not true or false"),
    "a strange number": (
        HEADER + "j,1,,a,1,\nj,1.5,,a,1,\nj,x,,a,1,\n",
        {},
        "line 3: touch_number is '1.5', not a whole number (and 1 more)",
    ),
    "a strange date": (
        HEADER + 'j,1,,"a\nb",1,\nj,2,31/12/2026,a,1,\n',
        {},
        "line 4: touched_at is '31/12/2026', not a date or time",
    ),
    "an endless date": (HEADER + "j,1,infinity,a,1,\n", {}, "line 2: touched_at is 'infinity', not a date or time"),
    "more journeys than there are": (
        "journey_id,touch_number,channel,converted,journey_count\nj,1,a,1,1e200\n",
        {},
        "line 2: journey_count is '1e200', not a number of journeys, 0 or more and below 10^12",
    ),
    "an amount that adds up to too much": (
        "path,total_conversions,total_conversion_value\nb,1,1\na,1,99999999999999\na,1,99999999999999\n",
        {"what": "paths"},
        "paths.csv line 3: the total_conversion_value of its path is not below 10^14 in sum",
    ),
    "parameters that are none": (
        HEADER,
        {"rules": {"model_parameters": [3]}},
        "model_parameters must map names of models to what is said of them, not [3]",
    ),
    "custom models that are none": (
        HEADER,
        {"rules": {"custom_models": "x"}},
        "custom_models must map names of models",
    ),
    "replicates without end": (
        HEADER,
        {"overrides": ["markov.replicates=1e9"]},
        "markov.replicates must be above 0 and at most 10000",
    ),
    "a folder to write": (HEADER, {"out_name": "folder.csv"}, "folder.csv is a folder; name the file to write"),
    "a folder that is a file": (HEADER, {"out_name": "journeys.csv/out.csv"}, "journeys.csv cannot be made: "),
    "a strange amount": (HEADER + "j,1,,a,1,1.000.00\n", {}, "line 2: amount is '1.000.00'"),
    "no journey": (HEADER + ",1,,a,1,\n", {}, "line 2: journey_id is empty"),
    "no number": (HEADER + "j,,2026-01-01,a,1,\n", {}, "line 2: touch_number is empty"),
    "a field too many": (HEADER + "j,1,,a,1,,\n", {}, "line 2 has 7 fields, its header has 6"),
    "an open quote": (HEADER + 'j,1,,"a,1,\n', {}, "journeys.csv line 2 cannot be read as CSV"),
    "a NUL byte": (HEADER + "j,1,,a\0,1,\n", {}, "journeys.csv line 2 holds a NUL byte"),
    "another encoding": (HEADER.encode() + "j,1,,Zoë,1,\n".encode("latin-1"), {}, "journeys.csv is not UTF-8"),
    "an unknown model": (HEADER, {"models": "linear,liner"}, "unknown model 'liner'; known: first_touch"),
    "no model": (HEADER, {"models": ""}, "no model is named; known: first_touch"),
    "time without times": (
        "journey_id,touch_number,channel,converted\nj,1,a,1\n",
        {"models": "time_decay"},
        "time_decay weighs touches by time",
    ),
    "an override that is none": (HEADER, {"overrides": ["half_life=7"]}, "'half_life=7' is not model.parameter=value"),
    "an override of another model": (
        HEADER,
        {"models": "linear", "overrides": ["time_decay.half_life_days=7"]},
        "parameters are set for time_decay",
    ),
    "an override out of range": (
        HEADER,
        {"overrides": ["time_decay.half_life_days=-7"]},
        "time_decay.half_life_days must be above 0",
    ),
    "paths without conversions": (
        "path,total_conversions\na,\n",
        {"what": "paths"},
        "paths.csv line 2: total_conversions is empty",
    ),
    "negative conversions": (
        "path,total_conversions\na,-1\n",
        {"what": "paths"},
        "paths.csv line 2: total_conversions is below 0",
    ),
    "an empty channel": (
        "path,total_conversions\na >  > b,1\n",
        {"what": "paths"},
        "paths.csv line 2: the path has an empty channel",
    ),
    "an empty channel between separators that share a space": (
        "path,total_conversions\na > > b,1\n",
        {"what": "paths"},
        "paths.csv line 2: the path has an empty channel",
    ),
    "a path that ends with a separator": (
        "path,total_conversions\na >,1\n",
        {"what": "paths"},
        "paths.csv line 2: the path has an empty channel",
    ),
    "a blank separator": (
        "path,total_conversions\na,1\n",
        {"what": "paths", "separator": " "},
        "the separator of paths must be more than spaces",
    ),
    "another format": (HEADER, {"out_name": "credits.xlsx"}, "credits.xlsx: credits are written as .csv or .parquet"),
    "over the input": (HEADER, {"out_name": "journeys.csv"}, "is the file to read"),
    "an accounts file that is not there": (
        HEADER + "j,1,,a,1,\n",
        {"accounts": Path("nowhere.csv")},
        "there is no file nowhere.csv",
    ),
}


@pytest.mark.parametrize(("content", "more", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_in_one_sentence(run: Run, content: str | bytes, more: dict[str, Any], says: str):
    more = dict(more)
    run.out = run.folder / more.pop("out_name", "out.csv")
    (run.folder / "folder.csv").mkdir()
    with pytest.raises(UsageError) as caught:
        run(content, **more)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert not (run.folder / "out.csv").exists(), "credits were written"


def test_either_journeys_or_paths(tmp_path: Path):
    with pytest.raises(UsageError, match="give either journeys"):
        attribute_file(out=tmp_path / "out.csv")
    with pytest.raises(UsageError, match="there is no file"):
        attribute_file(journeys=tmp_path / "none.csv", out=tmp_path / "out.csv")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(UsageError, match=r"broken\.parquet cannot be read as Parquet"):
        attribute_file(journeys=tmp_path / "broken.parquet", out=tmp_path / "out.csv")
