"""The scorecard's sections on sales and marketing together: the measures, hand-overs, and signals."""

from datetime import date

from pipeline.publish.scorecard import alignment_figures as figures
from pipeline.publish.scorecard import charts, text
from pipeline.publish.scorecard.figures import Reader
from pipeline.publish.scorecard.sections import section

_SUBJECTS = {
    "handover": "Handing over",
    "response": "Answering leads",
    "conversion": "From lead to win",
    "revenue": "Revenue and cost",
    "people": "Teams and customers",
}
_COLOURS = {"green": ("on target", "good"), "amber": ("near target", "warn"), "red": ("off target", "bad")}
_TRENDS = {"better": "better", "worse": "worse", "flat": "no change", "none": ""}


def measures(reader: Reader) -> str:
    """Each measure of the alignment scorecard with its target, colour and trend, by subject."""
    found = figures.measures(reader)
    judged = [measure for measure in found if measure.status != "none"]
    counts = {status: sum(measure.status == status for measure in judged) for status in _COLOURS}
    currency = str(reader.rules.get("reporting_currency", ""))
    body = "".join(
        f"<h3>{title}</h3>"
        + text.table(
            "Last month that was over, target and twelve months",
            [("Measure", "text name"), ("", "text"), ("Value", ""), ("Target", ""), ("", "text"), ("By month", "text")],
            [_measure(measure, currency) for measure in found if measure.subject == subject],
            css="measures",
        )
        for subject, title in _SUBJECTS.items()
        if any(measure.subject == subject for measure in found)
    )
    lead = (
        f"Of {len(judged)} measures with a target, <strong>{counts['green']} are on it</strong>, "
        f"{counts['amber']} near it and {counts['red']} off it, each in the last month that was over."
    )
    if any(measure.target_set_by == "illustrative" for measure in judged):
        lead += " Targets marked * are illustrative, as shipped: set your own in seed <code>targets</code>."
    return section("alignment", "Sales and marketing together", lead, body)


def _measure(measure: figures.Measure, currency: str) -> list[str]:
    label, css = _COLOURS.get(measure.status, ("", ""))
    sign = "*" if measure.target_set_by == "illustrative" else ""
    return [
        f"{text.capital(measure.name)} <small>{_month(measure.month)}</small>",
        f'<span class="state {css}">{label}</span>' if label else "",
        _value(measure.value, measure.unit, currency),
        _value(measure.target, measure.unit, currency) + sign if measure.target is not None else "",
        f"<small>{_TRENDS[measure.trend]}</small>",
        charts.spark([value or 0 for value in measure.by_month]),
    ]


def _value(value: float, unit: str, currency: str) -> str:
    if unit == "share":
        return text.share(value, 1)
    if unit == "amount":
        return text.money(value, currency)
    if unit == "minutes":
        return f"{text.decimal(value / 60)} h" if value >= 120 else f"{text.count(value)} min"
    return f"{text.count(value)} d" if unit == "days" else text.count(value)


def _month(month: date) -> str:
    return f"{month:%b %Y}"


def handovers(reader: Reader) -> str:
    """What sales made of the leads that marketing delivered: decisions, service levels, reasons."""
    found = figures.handovers(reader)
    decided = found["accepted"] + found["rejected"]
    of_decided = found["accepted"] / decided if decided else None
    of_delivered = found["accepted"] / found["delivered"]
    tiles = "".join(
        f'<div class="tile"><dt>{label}</dt><dd class="{_against(share, found["threshold"])}">{value}'
        f"<small>{note}</small></dd></div>"
        for label, share, value, note in [
            ("Handed over", None, text.count(found["delivered"]), "MQLs, per cycle"),
            ("Accepted of decided", of_decided, text.share(of_decided, 1), f"of {text.count(decided)} decided"),
            ("Accepted of delivered", of_delivered, text.share(of_delivered, 1), "never deciding counts against it"),
            ("Undecided", None, text.count(found["undecided"]), f"{text.count(found['stagnant'])} of them stagnant"),
            ("Accepted, not contacted", None, text.count(found["uncontacted"]), "as of the date"),
        ]
    )
    return section(
        "handovers",
        "Leads handed to sales",
        f"The threshold for both acceptance rates is <strong>{text.share(found['threshold'])}</strong>; "
        f"{text.count(found['skipped'])} went on without a recorded decision and {text.count(found['taken_back'])} "
        "were taken back undecided, which are in the second rate only.",
        f'<dl class="tiles">{tiles}</dl><div class="columns">{_levels(reader)}{_reasons(reader)}</div>',
    )


def _against(share: float | None, threshold: float) -> str:
    if share is None:
        return ""
    return "good" if share >= threshold else "bad"


def _levels(reader: Reader) -> str:
    rows = [
        [
            text.capital(name.removeprefix("sal_")),
            text.share(met / due, 1),
            charts.bar(met / due, height=10),
            f"<small>{text.count(met)} of {text.count(due)}</small>",
        ]
        for name, met, due in figures.service_levels(reader)
    ]
    caption = "Service levels; clocks that still run and are past due count as missed"
    return text.table(caption, [("Clock", "text"), ("In time", ""), ("", "wide"), ("", "text")], rows)


def _reasons(reader: Reader) -> str:
    found = figures.rejections(reader)
    total = sum(count for _, count in found) or 1
    rows = [
        [
            text.capital(reason),
            text.count(count),
            charts.bar(count / total, "spend", height=10),
            text.share(count / total),
        ]
        for reason, count in found
    ]
    return text.table("Why sales rejected", [("Reason", "text"), ("Leads", ""), ("", "wide"), ("Share", "")], rows)


def signals(reader: Reader) -> str:
    """What says that the two do not work together, since when, and where to look."""
    found = figures.signals(reader)
    rows = [
        [
            text.capital(row["signal"].removeprefix("red_")),
            '<span class="state bad">off target</span>' if row["signal"].startswith("red_") else "",
            str(row["since"]),
            text.count(row["days"]),
            f"<small>{text.plain(row['evidence'])}</small>",
        ]
        for row in found
    ]
    if not found:
        return section("signals", "Signals of misalignment", "None holds.", "")
    return section(
        "signals",
        "Signals of misalignment",
        f"<strong>{len(found)}</strong> hold at the date, the oldest for {text.count(found[0]['days'])} days. "
        "<code>mart_misalignment_signals</code> has their values and limits.",
        text.table(
            "What holds, since when, and what shows it",
            [("Signal", "text"), ("", "text"), ("Since", ""), ("Days", ""), ("Evidence", "text")],
            rows,
        ),
    )
