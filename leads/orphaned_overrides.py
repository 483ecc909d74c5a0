"""Ending the overrides that set a band which the lead's model doesn't have."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from leads.models import Activity, Override, OverrideKind
from leads.overrides import active, end
from leads.scorer import scorer
from leadscoring.people.models import User


@transaction.atomic
def end_of_missing_bands(
    *, bands: Collection[str], names: Mapping[str, str], scored_by: Collection[int], actor: User, at: datetime
) -> int:
    """End the overrides that set a band whose key isn't among `bands`; each lead's log says why.

    For whoever puts a version live, with the keys of its bands, and the `names` by key of those that there
    were; `scored_by` are the versions of its model: leads that another model scores keep theirs. Returns how
    many were ended.
    """
    concerned = Q(lead__score=None) | Q(lead__score__version_id__in=scored_by)
    orphans = active(at=at).filter(concerned, kind=OverrideKind.BAND).exclude(band__in=bands)
    return _end(orphans, names, actor=actor, at=at)


@transaction.atomic
def end_of_moved_leads(*, at: datetime) -> int:
    """End the overrides that set a band which the model that scores their lead by now doesn't have.

    For leads that went over to another model; how many were ended.
    """
    scales = scorer().scales()
    running = active(at=at).filter(kind=OverrideKind.BAND, lead__score__isnull=False)
    keys = {scale.version_id: {band.key for band in scale.bands} for scale in scales.all}
    orphans = [
        override_id
        for override_id, band, version_id in running.values_list("pk", "band", "lead__score__version_id")
        if band not in keys.get(version_id, {band})
    ]
    names = {band.key: band.name for scale in scales.all for band in scale.bands}
    return _end(running.filter(pk__in=orphans), names, actor=User.objects.system(), at=at)


def _end(orphans: QuerySet[Override], names: Mapping[str, str], *, actor: User, at: datetime) -> int:
    ended = list(orphans.order_by("lead_id").select_for_update(of=("self",)))
    for override in ended:
        end(override, actor=actor, at=at)
        band = names.get(override.band, override.band)
        notice = _("The scoring model no longer has the band “%(band)s”.") % {"band": band}
        Activity.objects.create(
            lead_id=override.lead_id,
            actor=actor,
            verb=Activity.Verb.OVERRIDE_ENDED,
            at=at,
            override=override,
            note=notice,
        )
    return len(ended)
