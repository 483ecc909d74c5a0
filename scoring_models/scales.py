"""The bands of the versions by which leads are scored, as pages need them."""

from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from leads.scorer import Band, Scale, Scales
from leadscoring.prepared import prepared_cursor
from scoring_models.evaluation import frozen_spec
from scoring_models.live import PLACE
from scoring_models.spec import BandSpec, Spec

# Every version that was live once or is to be, the live ones first, in the order of their models. Every page
# asks for it.
_VERSIONS = f"""
SELECT v.id, v.number, v.digest, m.id, m.name,
       bool_or(a.starts_at <= %(at)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)) AS is_live
  FROM scoring_models_activation a
  JOIN scoring_models_modelversion v ON v.id = a.version_id
  JOIN scoring_models_scoringmodel m ON m.id = a.model_id
 GROUP BY v.id, m.id
 ORDER BY is_live DESC, {PLACE.format(at="%(at)s")}, v.id DESC
"""


def scales_at(at: datetime) -> Scales:
    """The scales of the versions that are live at a moment, and of all others. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_VERSIONS, {"at": at})
        rows = cursor.fetchall()
    live = tuple(_scale(*row[:5]) for row in rows if row[5])
    return Scales(live, tuple(_scale(*row[:5]) for row in rows if not row[5]))


def scales_now() -> Scales:
    """The same at this moment."""
    return scales_at(timezone.now())


def bands_of(spec: Spec) -> tuple[Band, ...]:
    """The bands of a version, lowest first."""
    return tuple(_band(place - len(spec.bands), band) for place, band in enumerate(spec.bands))


def band_of(spec: Spec, place: int) -> Band:
    """The band at a place from the bottom, as pages show it."""
    return _band(place - len(spec.bands), spec.bands[place])


@lru_cache(maxsize=1024)
def _scale(version_id: int, number: int, digest: str, model_id: int, model: str) -> Scale:
    spec = frozen_spec(digest)
    label = f"{model}, version {number}"
    return Scale(version_id, model_id, model, label, bands_of(spec), spec.floor, spec.ceiling)


def _band(rank: int, band: BandSpec) -> Band:
    return Band(
        rank=rank,
        key=band.key,
        name=band.name,
        lower_edge=band.lower_edge,
        means=band.means,
        action=band.action,
        worked_by=band.worked_by,
        respond_within_hours=band.respond_within_hours,
    )
