"""J-shaped: what ended the journey counts most."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="j_shaped",
    description="first 20, last 60, 20 over the touches between",
    positions={"first": 0.2, "last": 0.6},
    rest=0.2,
)
