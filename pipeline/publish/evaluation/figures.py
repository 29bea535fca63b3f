"""What the report shows, read by SQL from one evaluation and from the marts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.publish.scorecard.figures import STAGES, NoDataError
from pipeline.publish.tables import SCHEMA
from pipeline.warehouse import Warehouse

Row = dict[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """One evaluation to report, and the conversion type that is shown."""

    warehouse: Warehouse
    rules: Mapping[str, Any]
    number: int
    business_date: date
    seed: int
    kind: str

    def rows(self, table: str, columns: str, where: str = "true", order: str = "model_name") -> list[Row]:
        """Rows of a question's table, of this evaluation and conversion type."""
        return self._read(
            f"attribution.evaluation_{table}",
            columns,
            f"evaluation_number = {self.number} and conversion_type = '{self.kind}' and {where}",
            order,
        )

    def mart(self, table: str, columns: str, where: str = "true", order: str = "1") -> list[Row]:
        """Rows of a mart; a mart that is not built is a `NoDataError` with its name."""
        return self._read(f"{SCHEMA}.{table}", columns, where, order)

    def of_fits(self, table: str, columns: str, order: str) -> list[Row]:
        """Rows of a table of fits, of those that were in force when this was evaluated: a mart may be older."""
        if not self.warehouse.exists("attribution.evaluation_fits"):
            raise NoDataError("the evaluation is older than the record of its fits")
        in_force = f"""fit_number in (
            select fit_number from attribution.evaluation_fits
            where evaluation_number = {self.number} and conversion_type = '{self.kind}')"""
        return self._read(f"attribution.{table}", columns, in_force, order)

    def _read(self, table: str, columns: str, where: str, order: str) -> list[Row]:
        if not self.warehouse.exists(table):
            raise NoDataError(f"{table} is not built")
        names = [part.strip().rpartition(" as ")[2] for part in columns.split(",")]
        found = self.warehouse.rows(f"select {columns} from {table} where {where} order by {order}")
        return [dict(zip(names, row, strict=True)) for row in found]


def newest(warehouse: Warehouse, rules: Mapping[str, Any]) -> Evaluation:
    """The newest evaluation, with the conversion type that it says most of: of those, the latest stage.

    Raises `NoDataError` when there is none.
    """
    found = warehouse.rows(
        """select evaluation_number, business_date, seed from attribution.evaluations
        order by evaluation_number desc limit 1"""
    )
    if not found:
        raise NoDataError("nothing has been evaluated yet")
    number, day, seed = found[0]
    said = warehouse.rows(
        f"""select conversion_type, count(case when verdict <> 'not_enough_data' then 1 end)
        from attribution.evaluation_summary where evaluation_number = {number} group by conversion_type"""
    )
    place = {stage: rank for rank, stage in enumerate(STAGES)}
    kind = max(said, key=lambda row: (row[1] > 0, place.get(row[0], -1)), default=("won", 0))[0]
    return Evaluation(warehouse, rules, number, day, seed, kind)
