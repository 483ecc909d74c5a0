"""What a rule gives for its units."""

from math import floor

# Rounded half away from zero to 9 decimals, then half away from zero to an integer, is this and a floor.
HALF = 0.5000000005


def contribution(points: int, units: int | float) -> int:
    """Points × units in IEEE double, rounded to 9 decimals and then to an integer, halves away from zero."""
    rounded = floor(abs(points) * units + HALF)
    return rounded if points > 0 else -rounded
