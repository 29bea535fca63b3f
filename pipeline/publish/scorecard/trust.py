"""The scorecard's sections on trust: what was delivered and kept out, and what the doors found."""

from pipeline.publish.scorecard import charts, text, trust_figures
from pipeline.publish.scorecard.figures import Reader
from pipeline.publish.scorecard.sections import section

_STATES = {
    "success": ("passed", "good"),
    "failure": ("failed", "bad"),
    "error": ("not computed", "bad"),
}


def deliveries(reader: Reader) -> str:
    """Records of each entity that were loaded, repeated and kept out, and by which rule."""
    found = trust_figures.deliveries(reader)
    kept_out = sum(row["quarantined"] or 0 for row in found)
    bad_files = sum(row["bad_files"] for row in found)
    files = sum(row["files"] for row in found)
    most = max(_share(row) for row in found) or 1
    rows = [
        [
            f"{text.name(row['source'])} <small>{text.name(row['entity'])}</small>",
            text.count(row["files"]),
            text.count(row["loaded"]),
            text.count(row["duplicates"]),
            text.count(row["quarantined"]),
            text.share(_share(row), 2) if row["quarantined"] else "",
            charts.bar(_share(row) / most, "spend", 6) if row["quarantined"] else "",
            text.count(row["bad_files"]) if row["bad_files"] else "",
            f"{row['last_delivery']}",
        ]
        for row in found
    ]
    lead = (
        f"<strong>{text.count(kept_out)} records</strong> and {text.count(bad_files)} whole files of "
        f"{text.count(files)} broke their contract, and are kept in quarantine with line, column and reason."
    )
    body = text.table(
        "Deliveries up to the business date, in records",
        [("Source", "text"), ("Files", ""), ("Loaded", ""), ("Repeated", ""), ("Quarantined", ""), ("", ""),
         ("", "text"), ("Files kept out", ""), ("Last delivery", "")],
        rows,
    )  # fmt: skip
    return section("deliveries", "What was delivered, and what was kept out", lead, body + _rules(reader))


def _share(row: dict) -> float:
    every = (row["loaded"] or 0) + (row["quarantined"] or 0)
    return float(row["quarantined"] or 0) / every if every else 0.0


def _rules(reader: Reader) -> str:
    found = trust_figures.quarantine(reader)
    if not found:
        return ""
    rows = [
        [
            f"{text.name(row['source'])} <small>{text.name(row['entity'])}</small>",
            f"{text.name(row['rule'])}",
            f"<code>{text.plain(row['column'])}</code>",
            text.count(row["count"]),
            f"<small>{text.plain(row['example'])}</small>",
        ]
        for row in found
    ]
    return "<h3>Why</h3>" + text.table(
        "Rules that kept most out",
        [("Source", "text"), ("Rule", "text"), ("Column", "text"), ("Kept out", ""), ("For example", "text")],
        rows,
    )


def doors(reader: Reader) -> str:
    """What the checks at the two doors found; those that passed are folded away."""
    found = trust_figures.doors(reader)
    by_door = {}
    for row in found:
        by_door.setdefault(row["door"], []).append(row)
    names = {"raw": "Door in", "marts": "Door out"}
    parts = []
    for door, rows in by_door.items():
        passed = [row for row in rows if row["status"] == "success"]
        others = [row for row in rows if row["status"] != "success"]
        summary = f"{len(passed)} of {len(rows)} checks of {len({row['table'] for row in rows})} tables passed"
        parts.append(f"<h3>{names.get(door, text.name(door))}: {summary}</h3>")
        if others:
            parts.append(_checks("Did not pass", others))
        parts.append(f"<details><summary>{len(passed)} that passed</summary>{_checks('Passed', passed)}</details>")
    failing = [row for row in found if row["status"] != "success"]
    critical = sum(row["severity"] == "critical" for row in failing)
    lead = (
        "Every check passed."
        if not failing
        else f"<strong>{len(failing)} of {len(found)}</strong> checks did not pass, {critical} of them critical. "
        "A critical one would have stopped the publication; warnings are for people to look at."
    )
    return section("doors", "Checks at the doors", lead, "".join(parts))


def _checks(caption: str, rows: list[dict]) -> str:
    def line(row: dict) -> list[str]:
        state, css = _STATES.get(row["status"], (row["status"], "warn"))
        css = "warn" if css == "bad" and row["severity"] == "warning" else css
        check = text.name(row["expectation"].removeprefix("expect_"))
        found = f"{text.count(row['unexpected'])} of {text.count(row['elements'])}" if row["unexpected"] else ""
        return [
            f"<code>{text.plain(row['table'])}</code>",
            f"{check} <small>{text.plain(row['column'] or '')}</small>",
            row["severity"],
            f'<span class="state {css}">{state}</span>',
            found,
            f"<small>{text.plain(row['message'] or '')}</small>",
        ]

    heads = [("Table", "text"), ("Check", "text"), ("Severity", "text"), ("", "text"), ("Rows", ""), ("", "text")]
    return text.table(caption, heads, [line(row) for row in rows])
