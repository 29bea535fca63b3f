"""Times in a simulated account's local days, and as timestamps in UTC."""

from datetime import date

import numpy as np


def working_time(at: np.ndarray, weekday_of_day_0: int) -> np.ndarray:
    """The same instants, moved forward into working hours (8 to 18, Monday to Friday) where outside them."""
    at = np.asarray(at, dtype=np.float64)
    day = np.floor(at)
    hour = at - day
    late = hour > 0.75
    day = day + late
    hour = np.where(late, (hour - 0.75) / 4 + 1 / 3, np.where(hour < 1 / 3, 1 / 3 + hour / 8, hour))
    weekday = (day + weekday_of_day_0) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0) + hour


def epoch_seconds(at: np.ndarray, start: date) -> np.ndarray:
    """Whole seconds since 1970 of times in UTC days since `start`."""
    first = np.datetime64(start, "s").astype(np.int64)
    return first + np.floor(np.asarray(at, dtype=np.float64) * 86400 + 1e-6).astype(np.int64)
