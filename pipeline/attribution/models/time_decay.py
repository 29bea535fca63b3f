"""Time decay: a touch loses half its weight every `half_life_days`."""

from pipeline.attribution.model import Number, WeightModel

MODEL = WeightModel(
    name="time_decay",
    description="2^(-days before conversion / half-life)",
    own={
        "half_life_days": Number(
            30.0, "days after which a touch weighs half; 7 is the consumer convention, 30 suits long cycles", above=0.0
        )
    },
    weight="power(2, -days_before_conversion / half_life_days)",
)
