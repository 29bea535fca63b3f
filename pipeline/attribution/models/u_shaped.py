"""U-shaped, by touches: what opened the journey and what ended it."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="u_shaped",
    description="first 40, last 40, 20 over the touches between",
    positions={"first": 0.4, "last": 0.4},
    rest=0.2,
)
