"""The balance of the possible score: what a lead could reach in each dimension, after its cap."""

from dataclasses import dataclass

from scoring_models.spec import Dimension, Spec

# Engagement should have so much of the two, in percent, both included.
LEAST, MOST = 60, 70


@dataclass(frozen=True, slots=True)
class Balance:
    """Points that a lead could reach in each dimension."""

    engagement: int
    fit: int

    @property
    def engagement_share(self) -> int | None:
        """Engagement's part of both in percent, None where nothing can be reached."""
        both = self.engagement + self.fit
        return round(100 * self.engagement / both) if both else None

    @property
    def fit_share(self) -> int | None:
        share = self.engagement_share
        return None if share is None else 100 - share

    @property
    def is_good(self) -> bool:
        share = self.engagement_share
        return share is not None and LEAST <= share <= MOST


def balance(spec: Spec) -> Balance:
    """The possible score of each dimension: its positive points, each time × M, cut at its cap."""
    return Balance(possible(spec, Dimension.ENGAGEMENT), possible(spec, Dimension.FIT))


def possible(spec: Spec, dimension: Dimension) -> int:
    """What a lead could reach in one dimension. A cap below 0 can't be passed either way."""
    gains = (
        rule.points * rule.most_units
        for rule in spec.enabled_rules
        if rule.dimension is dimension and rule.points > 0
    )
    total, cap = sum(gains), spec.limits(dimension).cap
    return max(total if cap is None else min(total, cap), 0)
