"""Linear: every touch alike."""

from pipeline.attribution.model import WeightModel

MODEL = WeightModel(
    name="linear",
    description="every touch alike",
    weight="1",
)
