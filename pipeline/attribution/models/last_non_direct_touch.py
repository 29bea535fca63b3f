"""Last non-direct touch: a direct visit mostly repeats what an earlier touch began."""

from pipeline.attribution.model import MilestoneModel

MODEL = MilestoneModel(
    name="last_non_direct_touch",
    description="all to the latest touch whose channel is not direct; to the latest when all are direct",
    milestone="last_non_direct",
)
