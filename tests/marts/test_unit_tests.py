"""The hand-checkable examples beside the marts, run by dbt."""


def test_every_example_of_a_mart_comes_out(small_company):
    examples = {name: status for name, status in small_company.results.items() if name.startswith("unit_test.")}
    assert len(examples) >= 32
    assert set(examples.values()) == {"pass"}
