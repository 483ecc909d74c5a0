"""The places of the queue that show leads drawn at random."""

from dataclasses import dataclass
from datetime import datetime

from leads import second_looks
from leads.models import Lead, SecondLook
from leads.scorer import Band, scorer
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Look:
    """A drawn lead as a row shows it, with its score and band as they are now."""

    look: SecondLook
    lead: Lead
    score: int | None
    band: Band | None


def looks_of(user: User, *, now: datetime) -> list[Look]:
    """Today's second looks of this person, at the places that they were drawn for."""
    scales = scorer().scales()
    found = []
    for look in second_looks.shown(user=user, now=now):
        score = getattr(look.lead, "score", None)
        band = scales.of(score.version_id).band_at(score.band) if score and scales.live else None
        found.append(Look(look, look.lead, score.total if score else None, band))
    return found
