"""Every lead is scored by some model: the audience of the last live one is everybody.

That holds now and at the beginning of every plan, after whatever a verb changes.
"""

from datetime import datetime

from django.db.models import F, Q
from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from scoring_models.evaluation import frozen_spec
from scoring_models.live import general_version, live_after
from scoring_models.models import Activation, ModelVersion


def refuse_uncovered(*, at: datetime) -> None:
    """Call it in a verb's transaction, after what it changes.

    Raises DomainError("last_audience") where from `at` on, or when a plan begins, the last live model would
    score only some leads.
    """
    kept = Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))
    plans = Activation.objects.filter(kept, starts_at__gt=at).values_list("starts_at", flat=True)
    for moment in (at, *sorted(set(plans))):
        last = general_version(at=moment)
        if last and frozen_spec(last.digest).audience:
            raise _last_audience(last)


def refuse_as_last(version: ModelVersion, *, at: datetime) -> None:
    """Refuse a frozen version that couldn't go live now, since no live model would follow it.

    Raises DomainError("last_audience").
    """
    if not frozen_spec(version.digest).audience:
        return
    if not live_after(version.model, at=at):
        raise _last_audience(version)


def _last_audience(version: ModelVersion) -> DomainError:
    return DomainError(
        "last_audience",
        _(
            "“%(model)s” would be the last model that is asked, so it must score everybody. Take away its"
            " conditions on who is scored, or put another live model after it."
        )
        % {"model": version.model.name},
    )
