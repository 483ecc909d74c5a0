"""What leads were scored first by a run over all of them, of which nothing is kept (decision 0016)."""

from datetime import datetime

from django.db.models.functions import Coalesce

from leads.models import Lead
from leads.scorer import FirstScore
from scoring_models.evaluation import detail, frozen_spec
from scoring_models.models import RescoreShard
from scoring_models.turns import version_for


def by_run(lead_id: int, *, before: datetime) -> FirstScore | None:
    """The score that the first run over a lead gave it, computed again as of that moment.

    None where no run came to it before then, or no model scored it.
    """
    at = _first_run_over(lead_id, before)
    version = None if at is None else version_for(lead_id, as_of=at, known_at=at)
    if at is None or version is None:
        return None
    spec = frozen_spec(version[0].digest)
    try:
        found = detail(spec, lead_id, at, at)
    except Lead.DoesNotExist:  # another one had absorbed it then
        return None
    band = found.band - len(spec.bands)
    return FirstScore(at, version[0].pk, found.engagement, found.fit, found.total, band)


def _first_run_over(lead_id: int, before: datetime) -> datetime | None:
    """The moment as of which a run scored the lead first."""
    known_since = Lead.objects.filter(pk=lead_id).values_list("recorded_at", flat=True).first()
    if known_since is None:
        return None
    shards = RescoreShard.objects.filter(low__lte=lead_id, high__gt=lead_id, done_at__isnull=False)
    moments = shards.annotate(moment=Coalesce("as_of", "done_at")).filter(
        moment__gte=known_since, moment__lt=before
    )
    moment: datetime | None = moments.order_by("moment").values_list("moment", flat=True).first()
    return moment
