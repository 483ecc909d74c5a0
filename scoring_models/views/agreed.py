"""The part of a page that says what the bands of a version mean, and who agreed on it."""

from typing import Any

from leadscoring.people.models import User
from scoring_models.agreements import BandWords, band_words
from scoring_models.models import ModelVersion, VersionState
from scoring_models.spec import Spec


def agreed_context(version: ModelVersion, spec: Spec, user: User) -> dict[str, Any]:
    """The bands from the top, each with the sides for which this user may agree now."""
    is_final = version.state in (VersionState.IN_REVIEW, VersionState.APPROVED)
    rows = [_row(rank, words, user, is_final) for rank, words in enumerate(band_words(version.model, spec))]
    return {"agreed": list(reversed(rows)), "of": version}


def _row(rank: int, words: BandWords, user: User, is_final: bool) -> dict[str, Any]:
    may_agree = words.may_agree(user) if is_final else ()
    sides = [
        {"side": one.side, "agreement": one.agreement, "may": one.side in may_agree} for one in words.sides
    ]
    return {"rank": rank, "band": words.band, "sides": sides}
