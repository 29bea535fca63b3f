"""The report's sections on spend, experiments, goals and benchmarks, which dbt computes every night."""

from pipeline.publish.evaluation import charts
from pipeline.publish.evaluation.figures import Evaluation
from pipeline.publish.evaluation.questions import lead
from pipeline.publish.scorecard import text
from pipeline.publish.scorecard.figures import NoDataError

#: Channels moved most, as shown.
MOST_ROWS = 12
#: Channels that a model's credit says to test first, as shown.
MOST_CANDIDATES = 8


def replay(evaluation: Evaluation) -> str:
    """What later credit per spend says of a budget that had followed each model."""
    found = evaluation.mart(
        "mart_evaluation_budget_replay",
        "model_name, channel_count, full_channel_count, moved_spend_share, own_gain_share, others_median_gain_share, "
        "others_lowest_gain_share, "
        "others_highest_gain_share, spend_amount_reporting, reporting_currency",
        f"conversion_type = '{evaluation.kind}' and moved_spend_share is not null",
        "others_median_gain_share desc, model_name",
    )
    if not found:
        raise NoDataError("no spend, or no credit, in both halves of the time")
    edge = max(max(abs(row["others_lowest_gain_share"]), abs(row["others_highest_gain_share"])) for row in found)
    rows = [
        [
            text.name(row["model_name"]),
            text.share(row["moved_spend_share"]),
            f"{row['full_channel_count']} of {row['channel_count']}",
            f"{row['others_median_gain_share']:+.0%}",
            charts.whisker(
                row["others_median_gain_share"],
                row["others_lowest_gain_share"],
                row["others_highest_gain_share"],
                -edge,
                edge,
                0,
            ),
            f"{row['own_gain_share']:+.0%}",
        ]
        for row in found
    ]
    said = (
        "The budget of the later half, dealt out by each model's credit of the earlier half, but to no channel more "
        "than it was ever seen to take a day (over a half or a whole month), at the later half's credit per spend as "
        "the <em>other</em> models see it (mark: median, line: least to most). A model that only its own judgement "
        "rewards flatters itself. Caveat: within that range it takes returns for constant, and credit for effect; "
        "neither is. Try it on a part first, as an experiment."
    )
    heads = [("Budget follows", "text"), ("Spend moved", ""), ("Channels full", ""), ("Change by the others", ""),
             ("", "wide"), ("by itself", "")]  # fmt: skip
    return lead(said) + text.table("Budget replay; mart_evaluation_budget_replay", heads, rows)


def experiments(evaluation: Evaluation) -> str:
    """Credit against what experiments measured."""
    found = evaluation.mart(
        "mart_evaluation_experiments",
        "experiment_id, channel, conversion_type, model_name, increment, standard_error, credited_count, "
        "credited_per_increment, is_within_interval",
        "true",
        "experiment_id, conversion_type, model_name",
    )
    if not found:
        raise NoDataError("no experiment was delivered (source experiments)")
    models: dict[str, list] = {}
    for row in found:
        models.setdefault(row["model_name"], []).append(row)
    rows = [
        [
            text.name(name),
            text.count(len(own)),
            text.count(sum(bool(row["is_within_interval"]) for row in own)),
            _middle([row["credited_per_increment"] for row in own if row["credited_per_increment"] is not None]),
        ]
        for name, own in sorted(models.items(), key=lambda item: -sum(bool(r["is_within_interval"]) for r in item[1]))
    ]
    said = (
        "An experiment switches a channel off for a part chosen at random: the one measurement here that shows cause. "
        "How many of its intervals hold what the model credits the channel in the same time, and how much is credited "
        "for each conversion that the channel really caused."
    )
    heads = [("Model", "text"), ("Experiments", ""), ("Credit inside the interval", ""),
             ("Credited per conversion caused, median", "")]  # fmt: skip
    return lead(said) + text.table("Against experiments; mart_evaluation_experiments", heads, rows)


def candidates(evaluation: Evaluation) -> str:
    """The channels that an experiment is expected to tell most of."""
    found = evaluation.mart(
        "mart_experiment_candidates",
        "model_name, channel, basis, credited_share, credited_share_low, credited_share_high, credited_conversions, "
        "standard_error, expected_gain_conversions",
        f"conversion_type = '{evaluation.kind}' and test_order <= {MOST_CANDIDATES} and expected_gain_conversions > 0",
        "model_name, test_order",
    )
    if not found:
        raise NoDataError(
            f"no model that experiments can correct, such as hazard, is fitted to {text.words(evaluation.kind)}"
        )
    sure = [row["credited_share_high"] for row in found if row["standard_error"] is not None]
    most = max([*sure, *(row["credited_share"] for row in found)])
    rows = [
        [
            f"{text.name(row['channel'])} <small>{text.name(row['model_name'])}</small>",
            text.decimal(row["credited_conversions"]),
            "" if row["standard_error"] is None
            else charts.whisker(
                row["credited_share"], row["credited_share_low"], row["credited_share_high"], 0, most, 0
            ),
            "yes" if row["basis"] == "tested" else "no",
            text.decimal(row["expected_gain_conversions"]),
        ]
        for row in found
    ]  # fmt: skip
    said = (
        "By how many conversions an experiment is expected to bring a channel's credit nearer to the truth: their mean "
        "distance before it, less that after one with a standard error of a tenth of the credit (a conversion at "
        "least). Before it, credit is as unsure as its interval says; where nobody tested, by a fifth of it at least. "
        "A fit does not know of its own bias: where you have reason to believe something else than the credit, test "
        "that too."
    )
    heads = [("Channel", "text"), ("Credited conversions", ""), ("90% interval", "wide"), ("Tested before", "text"),
             ("Expected gain, conversions", "")]  # fmt: skip
    return lead(said) + text.table("Gain of an experiment; mart_experiment_candidates", heads, rows)


def goals(evaluation: Evaluation) -> str:
    """How credit by touch month moves with pipeline and revenue of the same and later months."""
    found = evaluation.mart(
        "mart_evaluation_goals",
        "model_name, goal, lag_months, correlation, correlation_low, correlation_high, month_count",
        "correlation is not null",
        "model_name, goal, lag_months",
    )
    if not found:
        raise NoDataError("too few months with credit and business in them")
    strongest: dict[tuple[str, str], dict] = {}
    for row in found:
        key = (row["model_name"], row["goal"])
        if key not in strongest or row["correlation"] > strongest[key]["correlation"]:
            strongest[key] = row
    rows = [
        [
            text.name(model),
            text.name(goal),
            f"{row['correlation']:+.2f}",
            charts.whisker(row["correlation"], row["correlation_low"], row["correlation_high"], -1, 1, 0),
            text.count(row["lag_months"]),
            text.count(row["month_count"]),
        ]
        for (model, goal), row in sorted(strongest.items(), key=lambda item: (item[0][1], -item[1]["correlation"]))
    ]
    said = (
        "Credited marketing touches by month, against pipeline created and revenue won in the same and the next three "
        "months: the strongest lag. With a year or two of months most of this is chance, and both may follow the "
        "season; a model of late touches moves with the month of the win by construction."
    )
    heads = [("Model", "text"), ("Goal", "text"), ("Correlation", ""), ("-1 to 1", "wide"), ("Months later", ""),
             ("Months", "")]  # fmt: skip
    return lead(said) + text.table("Credit and goals; mart_evaluation_goals", heads, rows)


def benchmarks(evaluation: Evaluation) -> str:
    """The company beside figures that others published."""
    found = evaluation.mart(
        "mart_benchmark_distance",
        "measure, value, n, benchmark_value, statistic, source, source_year, is_illustrative",
        "value is not null",
        "measure, source",
    )
    if not found:
        raise NoDataError("no figure of the company has a published one beside it (seed benchmarks)")
    rows = [
        [
            text.name(row["measure"]),
            _number(row["value"]),
            text.count(row["n"]),
            _number(row["benchmark_value"]),
            text.plain(row["statistic"]),
            f"<small>{text.plain(row['source'])}, {row['source_year']}"
            f"{' (a rule of thumb that nobody measured)' if row['is_illustrative'] else ''}</small>",
        ]
        for row in found
    ]
    said = (
        "What others published is of other companies, which define stages as they like: a distance is a question about "
        "definitions first, and no target."
    )
    heads = [("Figure", "text"), ("Here", ""), ("of", ""), ("Published", ""), ("Kind", "text"), ("Source", "text")]
    return lead(said) + text.table("Beside others; mart_benchmark_distance", heads, rows)


def _middle(values: list[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.2f}" if ordered else text.NOTHING


def _number(value: float | None) -> str:
    return text.NOTHING if value is None else f"{float(value):,.2f}" if abs(value) < 10 else f"{float(value):,.0f}"
