"""The preview of a draft beside the version that is live now, counted as far as one request may take it."""

from datetime import datetime

from django.utils import timezone

from scoring_models import hits
from scoring_models.live import live_version
from scoring_models.models import Hits, ModelVersion
from scoring_models.preview import Preview, preview
from scoring_models.score_rows import database_clock
from scoring_models.spec import Spec
from scoring_models.spec_text import thaw
from scoring_models.turns import asked_before

# A turn of counting holds up whoever asks for so long, and one more piece.
SECONDS_A_TURN = 0.4


def stored(version: ModelVersion, spec: Spec) -> Preview | None:
    """The numbers as they were counted last. Nothing is counted. Raises DomainError("cannot_compute")."""
    at = timezone.now()
    live, earlier = _live(version, at), asked_before(version.model, at=at)
    found = hits.find(version, hits.rules_to_count(spec, live, earlier=earlier))
    return preview(spec, live, found, earlier) if found else None


def current(version: ModelVersion, spec: Spec, *, again: bool = False) -> tuple[Preview | None, Hits | None]:
    """The numbers that there are, after a turn of counting where they are missing, old or wanted `again`.

    With the count that is still under way. Raises DomainError("cannot_compute").
    """
    at = database_clock()
    live, earlier = _live(version, at), asked_before(version.model, at=at)
    rules = hits.rules_to_count(spec, live, earlier=earlier)
    found, begun = hits.find(version, rules), hits.under_way(version, rules)
    if again or found is None or at - found.as_of > hits.FRESH:
        begun = hits.begin(version, rules, at=at)
    if begun and hits.work(begun, seconds=SECONDS_A_TURN):
        found, begun = hits.find(version, rules), None
    return preview(spec, live, found, earlier) if found else None, begun


def _live(version: ModelVersion, at: datetime) -> Spec | None:
    live = live_version(version.model, at=at)
    return thaw(live.frozen) if live else None
