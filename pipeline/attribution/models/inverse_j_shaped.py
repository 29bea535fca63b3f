"""Inverse J-shaped: what opened the journey counts most."""

from pipeline.attribution.model import PositionModel

MODEL = PositionModel(
    name="inverse_j_shaped",
    description="first 60, last 20, 20 over the touches between",
    positions={"first": 0.6, "last": 0.2},
    rest=0.2,
)
