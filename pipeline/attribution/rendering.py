"""An explanation, and past credits, as tables on a terminal."""

import csv
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.attribution.explanation import Explanation
from pipeline.attribution.ledger import credits_as_of, run_numbered
from pipeline.errors import UsageError
from pipeline.warehouse.base import Warehouse

#: What stands where there was nothing to compare with.
NOTHING = "none"


def render(explanation: Explanation, console: Console) -> None:
    """Print an explanation as tables: the journey, each model's shares with their reasons, and the history."""
    facts = explanation.facts
    console.print(
        f"[bold]{escape(explanation.conversion_id)}[/]"
        + (f" as of run {explanation.as_of}" if explanation.as_of else "")
    )
    if not facts:
        console.print("It is no longer a conversion; what follows is what became of it.")
    else:
        said = [
            facts["conversion_type"],
            f"account {facts['account_id']}" if facts["account_id"] else None,
            f"opportunity {facts['opportunity_status']}" if facts["opportunity_status"] else None,
            f"on {facts['converted_at']:%Y-%m-%d %H:%M}" if facts["converted_at"] else None,
            _money(facts["amount"], facts["currency"]) if facts["amount"] is not None else "no amount",
        ]
        console.print(escape(", ".join(filter(None, said))))
        console.print(_journey(explanation))
        console.print(_weights(explanation))
    console.print(
        _history(explanation) if explanation.changes else "Its credit has not moved since it was first given."
    )


def _journey(explanation: Explanation) -> Table:
    table = Table("#", "at", "channel", "kind", "campaign", "person", "role", title="The journey", title_justify="left")
    for touch in explanation.touches:
        if touch.touch_id is None:
            continue
        at = f"{touch.touched_at:%Y-%m-%d %H:%M}" if touch.touched_at else ""
        cells = [touch.touch_number, at, touch.channel, touch.touch_kind, touch.campaign_id, touch.person_id]
        table.add_row(*(escape(str(cell or "")) for cell in [*cells, touch.buying_role]))
    return table


def _weights(explanation: Explanation) -> Table:
    table = Table(title="What each model gave", title_justify="left")
    for header in ("model", "#", "channel", "positions held"):
        table.add_column(header)
    for header in ("base weight", "reallocated", "share", "amount"):
        table.add_column(header, justify="right")
    table.add_column("policy or reason")
    touches = {touch.touch_id: touch for touch in explanation.touches}
    for model in explanation.models:
        shown = [credit for credit in model.credits if credit.share or credit.position_roles] or model.credits
        for index, credit in enumerate(shown):
            touch = touches[credit.touch_id]
            table.add_row(
                "" if index else model.name,
                str(touch.touch_number or ""),
                escape(touch.channel or "unattributed"),
                (credit.position_roles or "").replace(",", ", ").replace(":", " "),
                f"{credit.base_weight:.4g}",
                f"{credit.reallocated_weight:.4g}",
                f"{credit.share:.2%}",
                "" if credit.amount is None else _money(credit.amount),
                credit.reason or model.policy or "",
                end_section=index == len(shown) - 1,
            )
    return table


def _history(explanation: Explanation) -> Table:
    table = Table(
        "run",
        "business date",
        "why",
        "touches",
        "amount",
        "moved",
        "models",
        title="What moved its credit",
        title_justify="left",
    )
    for change in explanation.changes:
        before, after = (NOTHING if count is None else str(count) for count in change.touches)
        old, new = (_money(*amount) for amount in zip(change.amounts, change.currencies, strict=True))
        table.add_row(
            str(change.run_number),
            str(change.business_date),
            change.reasons.replace(",", ", "),
            before if before == after else f"{before} → {after}",
            old if old == new else f"{old} → {new}",
            f"{change.moved_share:.2%}",
            f"{len(change.models)}: {', '.join(change.models[:3])}{' …' if len(change.models) > 3 else ''}",
        )
    return table


def _money(amount: Decimal | None, currency: str | None = None) -> str:
    """The amount with two decimals, and with the third and fourth where the ledger has them."""
    if amount is None:
        return NOTHING
    decimals = next(places for places in (2, 3, 4) if places == 4 or round(amount, places) == amount)
    return f"{amount:,.{decimals}f} {currency or ''}".strip()


def show_credits_as_of(
    warehouse: Warehouse, as_of: str, conversion: str | None, out_file: Path | None, console: Console
) -> None:
    """Print the credits as a past run left them, or write all of them to a file.

    `as_of` is a run number, a run id or a business date (its last run). Without a conversion or a file, the sums by
    model and conversion type are printed.
    """
    number = run_numbered(warehouse, as_of)
    which, parameters = (" and conversion_id = ?", [conversion]) if conversion else ("", [])
    query = credits_as_of(number) + which
    if out_file is not None:
        _write(warehouse, query, parameters, out_file)
        console.print(f"the credits as of run {number} are in {out_file}")
        return
    if conversion:
        columns = ("model_name", "touch_number", "channel", "credit_share", "credited_amount", "currency", "run_id")
        query = f"select {', '.join(columns)} from ({query}) as credit order by model_name, touch_number"
    else:
        columns = ("model_name", "conversion_type", "conversions", "amount in reporting currency")
        query = f"""select model_name, conversion_type, round(sum(credit_share), 2), sum(credited_amount_reporting)
            from ({query}) as credit group by model_name, conversion_type order by model_name, conversion_type"""
    table = Table(*columns, title=f"Credits as of run {number}", title_justify="left")
    for row in warehouse.rows(query, parameters):
        table.add_row(
            *("" if cell is None else f"{cell:.4f}" if isinstance(cell, float) else escape(str(cell)) for cell in row)
        )
    console.print(table)


def _write(warehouse: Warehouse, query: str, parameters: list[str], out_file: Path) -> None:
    rows = warehouse.arrow(
        f"select * from ({query}) as credit order by model_name, conversion_id, touch_number", parameters
    )
    if out_file.suffix == ".parquet":
        pq.write_table(rows, out_file)
    elif out_file.suffix == ".csv":
        with out_file.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(rows.column_names)
            for batch in rows.to_batches(10_000):
                writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    else:
        raise UsageError(f"{out_file}: credits are written as .csv or .parquet")
