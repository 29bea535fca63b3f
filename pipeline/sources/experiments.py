"""Experiments: results of randomised tests (account holdouts, geo tests, A/B tests) of channels."""

from pipeline.sources.contract import Entity, Source, date, double, integer, string, timestamp

SOURCE = Source(
    name="experiments",
    kind="experiments",
    delivers_every_hours=None,
    description="Results of randomised experiments",
    entities=(
        Entity(
            "results",
            (
                string("experiment_id", required=True),
                string("channel", required=True, description="the channel that was switched off for the control group"),
                string("conversion_type", required=True, allowed=("mql", "sal", "sql", "opportunity", "won")),
                string("design", required=True, allowed=("account_holdout", "geo_holdout", "ab_test")),
                date("starts_on", required=True),
                date("ends_on", required=True, description="last day the channel was switched off"),
                date("measured_until", required=True, description="last day on which conversions count"),
                integer("treated_units", required=True),
                integer("control_units", required=True),
                double("treated_conversions"),
                double("control_conversions"),
                double("increment", required=True, description="conversions of the treated that the channel caused"),
                double("standard_error", required=True, description="of the increment"),
                timestamp("updated_at", required=True),
            ),
            key=("experiment_id", "conversion_type"),
            version="updated_at",
            description="One row per experiment and conversion type",
        ),
    ),
)
