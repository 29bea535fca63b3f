"""W-shaped as the articles draw it: the U by touches with lead creation in the middle."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="w_shaped_last",
    description="first 30, lead creation 30, last 30, 10 over the rest",
    positions={"first": 0.3, "lead_creation": 0.3, "last": 0.3},
    rest=0.1,
)
