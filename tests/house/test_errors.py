"""Errors that a person reads at once: which name was meant, of a few or of many."""

from pipeline.errors import unknown_name


def test_a_name_that_is_one_of_few_is_told_all_of_them():
    assert str(unknown_name("target", "postgre", ["spark", "postgres"])) == (
        "unknown target 'postgre'; known: postgres, spark"
    )


def test_a_name_that_is_one_of_many_is_told_the_nearest():
    many = [f"fct_{number:02d}" for number in range(99)] + ["mart_owner_months"]
    message = str(unknown_name("model", "mart_owner_month", many))
    assert message.startswith("unknown model 'mart_owner_month'; nearest of 100: mart_owner_months, ")
    assert message.count("fct_") == 4
