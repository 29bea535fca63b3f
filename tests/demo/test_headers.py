"""The simulated company writes what the contracts of the sources expect."""

import pytest

from pipeline.demo.headers import SCHEMAS
from pipeline.sources import all_sources

_KINDS = {
    "string": "string",
    "timestamp[s, tz=UTC]": "timestamp",
    "date32[day]": "date",
    "int64": "integer",
    "double": ("double", "decimal", "rate"),
    "bool": "boolean",
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_extract_has_the_contract_headers_in_order(name):
    source, entity = name.split("/")
    contract = all_sources()[source].entity(entity)
    assert SCHEMAS[name].names == [column.header for column in contract.columns]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_extract_types_fit_the_contract(name):
    source, entity = name.split("/")
    for column, field in zip(all_sources()[source].entity(entity).columns, SCHEMAS[name], strict=True):
        assert column.type in _KINDS[str(field.type)], column.header
