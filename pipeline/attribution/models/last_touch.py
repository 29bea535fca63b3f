"""Last touch: what was there when it happened."""

from pipeline.attribution.model import MilestoneModel

MODEL = MilestoneModel(
    name="last_touch",
    description="all to the latest touch",
    milestone="last",
)
