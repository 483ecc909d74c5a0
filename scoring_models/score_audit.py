"""Whether stored scores are what their version says: each computed again at its own moment."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from leads.models import Score
from scoring_models.evaluation import Evaluated, evaluate_pairs, frozen_spec
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec

COMPARED = ("engagement", "fit", "total", "band", "hits", "counts")
# What was learned shortly before a score may not have been committed when it was computed.
UNSEEN_FOR = timedelta(hours=1)
_LEARNED = """
SELECT DISTINCT at FROM (
    SELECT received_at AS at FROM leads_signal WHERE lead_id = %(lead)s
    UNION ALL SELECT retracted_at FROM leads_signal WHERE lead_id = %(lead)s
    UNION ALL SELECT v.recorded_at FROM leads_datedvalue v JOIN leads_lead l ON l.id = %(lead)s
               WHERE v.lead_id = l.id OR v.account_id = l.account_id
) learned WHERE at > %(from)s AND at <= %(to)s ORDER BY at DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored score that isn't what its version says of its moment, by the columns that differ."""

    lead_id: int
    scored_at: datetime
    stored: dict[str, object]
    computed: dict[str, object]


def differences(*, sample: int, since: datetime | None = None) -> Iterator[Difference]:
    """The differences among `sample` stored scores taken at random, of those computed since a moment."""
    scores = Score.objects.filter(lead__isnull=False)
    if since is not None:
        scores = scores.filter(scored_at__gte=since)
    by_version: dict[int, list[Score]] = defaultdict(list)
    for score in scores.order_by("?")[:sample]:
        by_version[score.version_id].append(score)
    for version in ModelVersion.objects.in_bulk(by_version).values():
        yield from _differences(version, by_version[version.pk])


def _differences(version: ModelVersion, scores: Sequence[Score]) -> Iterator[Difference]:
    spec = frozen_spec(version.digest)
    rows = [(score.lead_id, score.scored_at, score.scored_at) for score in scores]
    found = {row.lead_id: _as_stored(row, spec) for row in evaluate_pairs(spec, rows)}
    for score in scores:
        row = found.get(score.lead_id)
        if row is None or not _differ(score, row):
            continue
        earlier = (
            _as_stored(then, spec)
            for moment in _learned(score)
            for then in evaluate_pairs(spec, [(score.lead_id, score.scored_at, moment)])
        )
        if all(_differ(score, then) for then in earlier):
            names = _differ(score, row)
            stored = {name: getattr(score, name) for name in names}
            computed = {name: getattr(row, name) for name in names}
            yield Difference(score.lead_id, score.scored_at, stored, computed)


def _as_stored(row: Evaluated, spec: Spec) -> Evaluated:
    """The evaluation with its band ranked from the top."""
    return row._replace(band=row.band - len(spec.bands))


def _differ(score: Score, row: Evaluated) -> list[str]:
    return [name for name in COMPARED if getattr(score, name) != getattr(row, name)]


def _learned(score: Score) -> list[datetime]:
    """Moments just before something was learned that the score may not have seen yet."""
    bounds: dict[str, int | datetime] = {
        "lead": score.lead_id,
        "from": score.scored_at - UNSEEN_FOR,
        "to": score.scored_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEARNED, bounds)
        return [moment - timedelta(microseconds=1) for (moment,) in cursor.fetchall()]
