"""Dirt inside the extracts of one block: records that are false, double or wrong at first."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.demo.deliver import Night, Told
from pipeline.demo.dirt import Ledger
from pipeline.demo.extract import Extract
from pipeline.demo.rng import stream
from pipeline.demo.texts import joined, record_id

#: Most defects of one kind in one block.
_MOST = 40
_AGENTS = {"bot": "Mozilla/5.0 (compatible; ExampleCrawler/2.1)", "internal": "Mozilla/5.0 (X11; Linux x86_64)"}
_DRIFT = {"google": "Google", "linkedin": "LinkedIn", "marketo": "MARKETO", "bing": "Bing", "g2": "G2"}

#: Columns of a lead that are empty until somebody works on it.
_WORKED_ON = (
    "StatusReason__c", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
    "InterestDate__c", "BudgetDate__c", "AuthorityDate__c", "TimelineDate__c",
)  # fmt: skip


class RowDirt:
    """Lays the chosen kinds of dirt over a block's extracts and notes each in the ledger."""

    def __init__(self, seed: int, block: int, nights: tuple[Night, ...], kinds: frozenset[str], ledger: Ledger):
        self._seed, self._block, self._nights, self._kinds, self._ledger = seed, block, nights, kinds, ledger

    def over(self, told: list[Told]) -> list[Told]:
        """The extracts with dirt; those that no kind touches are returned as they are."""
        return [self._wrap(item) if callable(item) else self._lay(item) for item in told]

    def _wrap(self, tell: Callable[[int], Extract]) -> Callable[[int], Extract]:
        last = self._nights[-1].until
        known: dict[str, Extract] = {}

        def told_dirty(until: int) -> Extract:
            extract = tell(until)
            final = known.setdefault("final", tell(last))
            if extract.name == "salesforce/leads":
                extract = self._double_people(self._test_leads(extract, until), final)
            elif extract.name == "salesforce/accounts":
                extract = self._double_accounts(extract, until, final)
            elif extract.name == "salesforce/opportunities":
                at_first = known.setdefault("first", tell(self._nights[0].until))
                extract = self._wrong_amounts(extract, until, at_first)
            return extract

        return told_dirty

    def _lay(self, extract: Extract) -> Extract:
        if extract.name == "web/sessions":
            return self._false_sessions(self._drift(extract))
        return extract

    def _random(self, purpose: str) -> np.random.Generator:
        return stream(self._seed, self._block, f"dirt {purpose}")

    def _pick(self, purpose: str, rows: int, share: float) -> np.ndarray:
        count = min(_MOST, max(1, int(rows * share)), rows)
        return np.sort(self._random(purpose).choice(rows, count, replace=False)) if rows else np.arange(0)

    def _drift(self, extract: Extract) -> Extract:
        if "utm_drift" not in self._kinds:
            return extract
        rows = extract.rows
        sources = rows["utm_source"].to_numpy(zero_copy_only=False).copy()
        spots = self._pick("utm", len(sources), 0.01)
        spots = spots[[sources[k] in _DRIFT for k in spots]]
        sources[spots] = [_DRIFT[sources[k]] for k in spots]
        self._ledger.mark(extract.name, "utm_drift", rows["session_id"].take(pa.array(spots)).to_pylist())
        return Extract(extract.name, _set(rows, "utm_source", pa.array(sources, pa.string())), extract.seconds)

    def _false_sessions(self, extract: Extract) -> Extract:
        parts, seconds = [extract.rows], [extract.seconds]
        for k, (kind, network) in enumerate((("bots", "bot"), ("internal", "internal"))):
            if kind not in self._kinds:
                continue
            spots = self._pick(kind, len(extract.seconds), 0.003)
            rows = extract.rows.take(pa.array(spots))
            ids = joined(f"{network}-", spots + self._block * 10**8)
            rows = _set(rows, "session_id", ids)
            rows = _set(rows, "visitor_id", joined(f"{network}-v", spots % 7 + self._block * 100))
            rows = _set(rows, "ip_network", pa.array([network] * len(spots)))
            rows = _set(rows, "user_agent", pa.array([_AGENTS[network]] * len(spots)))
            for name in ("click_id", "utm_source", "utm_medium", "utm_campaign", "utm_content"):
                rows = _set(rows, name, pa.nulls(len(spots), pa.string()))
            when = extract.seconds[spots] + 11 + k
            parts.append(_set(rows, "started_at", pa.array(when).cast(pa.timestamp("s", tz="UTC"))))
            seconds.append(when)
            self._ledger.mark(extract.name, kind, ids.to_pylist())
        order = np.argsort(np.concatenate(seconds), kind="stable")
        return Extract(extract.name, pa.concat_tables(parts).take(pa.array(order)), np.concatenate(seconds)[order])

    def _double_people(self, extract: Extract, final: Extract) -> Extract:
        """A second lead with the address of a real one, an hour after it was made, which nobody works on."""
        if "duplicate_people" not in self._kinds:
            return extract
        spots = self._pick("people", final.rows.num_rows, 0.01)
        rows = final.rows.take(pa.array(spots))
        ids = record_id("00Q", 8 * 10**13 + self._block * 10**6 + spots)
        return self._append(extract, _fresh_lead(rows, ids), _seconds(rows["CreatedDate"]) + 3600, "duplicate_people")

    def _test_leads(self, extract: Extract, until: int) -> Extract:
        """Leads somebody made to try a form: there in the first delivery, deleted on a later night."""
        if "deletes" not in self._kinds or len(self._nights) < 2:
            return extract
        count = 3
        first, gone = self._nights[0].until, self._nights[1].until
        rows = extract.rows.slice(0, min(count, extract.rows.num_rows))
        ids = record_id("00Q", 9 * 10**13 + self._block * 10**6 + np.arange(rows.num_rows))
        rows = _fresh_lead(rows, ids)
        names = joined("test", np.arange(rows.num_rows) + self._block * 10, "@ledgerworks.example")
        rows = _set(_set(rows, "Email", names), "Company", pa.array(["Test"] * rows.num_rows))
        made = np.full(rows.num_rows, first - 7200) + np.arange(rows.num_rows)
        rows = _set(rows, "CreatedDate", pa.array(made).cast(pa.timestamp("s", tz="UTC")))
        is_gone = until >= gone
        rows = _set(rows, "IsDeleted", pa.array([is_gone] * rows.num_rows))
        return self._append(extract, rows, np.where(is_gone, gone - 600, made), "deletes")

    def _double_accounts(self, extract: Extract, until: int, final: Extract) -> Extract:
        """A company entered twice; on the last night the copy is merged into the original."""
        if "duplicate_accounts" not in self._kinds:
            return extract
        first, last = self._nights[0].until, self._nights[-1].until
        spots = self._pick("accounts", final.rows.num_rows, 0.01)
        spots = spots[_seconds(final.rows["CreatedDate"].take(pa.array(spots))) < first - 7200]
        rows = final.rows.take(pa.array(spots))
        ids = record_id("001", 8 * 10**13 + self._block * 10**6 + spots)
        original = rows["Id"]
        rows = _set(rows, "Id", ids)
        rows = _set(rows, "Name", pc.utf8_upper(rows["Name"]))
        made = np.full(len(spots), first - 3600) + spots % 60
        rows = _set(rows, "CreatedDate", pa.array(made).cast(pa.timestamp("s", tz="UTC")))
        merged = until >= last and last > first
        if merged:
            rows = _set(rows, "MasterRecordId", original)
        rows = _set(rows, "IsDeleted", pa.array([merged] * len(spots)))
        return self._append(extract, rows, np.where(merged, last - 900, made), "duplicate_accounts")

    def _wrong_amounts(self, extract: Extract, until: int, at_first: Extract) -> Extract:
        """Amounts ten times too high in the first delivery, set right on the next night."""
        if "corrections" not in self._kinds or len(self._nights) < 2:
            return extract
        first, fixed = self._nights[0].until, self._nights[1].until
        settled = at_first.rows["Id"].filter(pa.array(at_first.seconds <= first - 86400))
        wrong = settled.take(pa.array(self._pick("amounts", len(settled), 0.015)))
        rows = extract.rows
        chosen = pc.is_in(rows["Id"], wrong).to_numpy() & (extract.seconds <= first - 86400)
        self._ledger.mark(extract.name, "corrections", wrong.to_pylist())
        if until < fixed:
            amount = rows["Amount"].to_numpy()
            amounts = pa.array(np.where(chosen, np.round(amount * 10, 2), amount))
            return Extract(extract.name, _set(rows, "Amount", amounts), extract.seconds)
        seconds = np.where(chosen, fixed - 1200, extract.seconds)
        return Extract(extract.name, _stamped(rows, seconds), seconds)

    def _append(self, extract: Extract, rows: pa.Table, seconds: np.ndarray, kind: str) -> Extract:
        self._ledger.mark(extract.name, kind, rows["Id"].to_pylist())
        rows = _stamped(rows, seconds)
        return Extract(extract.name, pa.concat_tables([extract.rows, rows]), np.concatenate([extract.seconds, seconds]))


def _set(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    spot = table.schema.get_field_index(name)
    return table.set_column(spot, table.schema.field(name), values.cast(table.schema.field(name).type))


def _stamped(rows: pa.Table, seconds: np.ndarray) -> pa.Table:
    return _set(rows, "SystemModstamp", pa.array(seconds.astype(np.int64)).cast(pa.timestamp("s", tz="UTC")))


def _seconds(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.int64()).to_numpy()


def _fresh_lead(rows: pa.Table, ids: pa.Array) -> pa.Table:
    """The same people as leads that nothing has happened to."""
    rows = _set(rows, "Id", ids)
    rows = _set(rows, "Status", pa.array(["Open"] * rows.num_rows))
    rows = _set(rows, "IsConverted", pa.array([False] * rows.num_rows))
    for name in _WORKED_ON:
        rows = _set(rows, name, pa.nulls(rows.num_rows, rows.schema.field(name).type))
    return rows
