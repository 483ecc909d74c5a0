"""How a lead's score moved since yesterday, from the history that is kept.

Against the last score that was kept by 24 hours ago, where another one was kept since. What fades by time
alone isn't kept step by step (docs/scoring.md, section 5), and so counts with the next change that is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from leads.scorer import Band, Scales

SINCE = "(%(now)s::timestamptz - interval '24 hours')"
_CHANGED = f"""EXISTS (
       SELECT FROM leads_scorechange n WHERE n.lead_id = {{lead}} AND n.at > {SINCE} AND n.at <= %(now)s)"""

# Joined to leads `l`.
YESTERDAY_COLUMNS = (
    f"{_CHANGED.format(lead='l.id')}, l.created_at > {SINCE},"
    " before.total, before.band, before.version_id, before.at"
)
YESTERDAY = f"""LEFT JOIN LATERAL (
       SELECT b.total, b.band, b.version_id, b.at FROM leads_scorechange b
        WHERE b.lead_id = l.id AND b.at <= {SINCE} ORDER BY b.at DESC LIMIT 1
  ) before ON TRUE"""
# By how much the score of the row `w` of a list moved, 0 where it didn't or is new.
MOVED = f"""COALESCE((
       SELECT abs(w.model_score - b.total) FROM leads_scorechange b
        WHERE b.lead_id = w.lead_id AND b.at <= {SINCE} AND {_CHANGED.format(lead="w.lead_id")}
        ORDER BY b.at DESC LIMIT 1), 0)"""


class Before(NamedTuple):
    """What `YESTERDAY_COLUMNS` say: whether the score changed and the lead came since, the score before."""

    changed: bool
    is_new: bool
    total: int | None
    band: int | None
    version_id: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """By how many points a score moved since yesterday; None where the lead came since.

    It was `total` from `at` on, and in `band`, which is None where that is the same one now.
    """

    points: int | None
    total: int | None = None
    at: datetime | None = None
    band: Band | None = None


def moved(before: Before, score: int, band: Band, scales: Scales) -> Moved | None:
    """How a model's score moved that is `score` in `band` now; None where it didn't."""
    if not before.changed:
        return None
    if before.total is None or before.version_id is None or before.band is None:
        return Moved(None) if before.is_new else None
    was = scales.of(before.version_id).band_at(before.band)
    other = was if was.key != band.key else None
    if before.total == score and other is None:
        return None
    return Moved(score - before.total, before.total, before.at, other)
