"""Versions that go live at a time: planned, called off, and begun when that time has come.

A planned activation is a dated row like any other, and the version before it ends at the same moment: whoever
asks what is live is answered right to the microsecond, whether or not anything runs just then. Only scoring
all leads has to be begun.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import rescoring
from scoring_models.activation import (
    call_off,
    end_overrides,
    note,
    own,
    planned,
    refuse_plan,
    refuse_stale,
    refuse_unready,
    replaced_by,
    running,
)
from scoring_models.announcing import announce
from scoring_models.coverage import refuse_uncovered
from scoring_models.locks import locked_with_model
from scoring_models.models import Activation, ModelVersion, RescoreRun, ScoringModel
from scoring_models.permissions import Step, require

FURTHEST = timedelta(days=365)


def schedule(*, version: ModelVersion, starts_at: datetime, actor: User, at: datetime) -> Activation:
    """Plan that an approved version goes live for the first time at `starts_at`.

    Raises DomainError: `not_approved`, `was_live`, `stale`, `not_ahead` where `starts_at` isn't after `at` or
    more than a year away, and `is_planned` where the model has a plan already, and
    `last_audience` where the last model would then score only some leads.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        locked = locked_with_model(version)
        refuse_unready(locked, at=at)
        live = running(locked.model, at=at)
        refuse_stale(locked, live.version if live else None)
        refuse_plan(planned(locked.model, at=at))
        if not at < starts_at <= at + FURTHEST:
            raise DomainError("not_ahead", _("Choose a time that is still ahead, and within a year."))
        if live:
            live.ends_at = starts_at
            live.save(update_fields=["ends_at"])
        activation = Activation.objects.create(
            model=locked.model, version=locked, starts_at=starts_at, scheduled_at=at, activated_by=actor
        )
        refuse_uncovered(at=at)
        own(locked.model, actor)
        note("version.scheduled", locked, actor=actor, at=at, starts_at=starts_at.isoformat())
    return activation


def cancel(*, version: ModelVersion, actor: User, at: datetime) -> None:
    """Call a plan off before it begins. Raises DomainError: `not_planned`, `has_begun`, `last_audience`."""
    require(actor, Step.ACTIVATE)
    with acting(actor):
        locked = locked_with_model(version)
        plan = planned(locked.model, at=at)
        if plan is None or plan.version_id != locked.pk:
            raise DomainError("not_planned", _("This version isn't scheduled any more. Load the page again."))
        call_off(plan)
        refuse_uncovered(at=at)
        note("version.schedule_cancelled", locked, actor=actor, at=at, starts_at=plan.starts_at.isoformat())


def begin_due(*, at: datetime) -> list[RescoreRun]:
    """Begin to score all leads with the versions whose planned time has come, as was decided before."""
    return [run for model_id in _models_to_begin(at) if (run := _begin(model_id, at=at))]


def _models_to_begin(at: datetime) -> list[int]:
    return list(_to_begin(at).values_list("model", flat=True))


def _to_begin(at: datetime) -> QuerySet[Activation]:
    begun = RescoreRun.objects.filter(version=OuterRef("version"), started_at__gte=OuterRef("starts_at"))
    return Activation.objects.filter(
        ~Exists(begun), Q(ends_at=None) | Q(ends_at__gt=at), scheduled_at__isnull=False, starts_at__lte=at
    )


def _begin(model_id: int, *, at: datetime) -> RescoreRun | None:
    with transaction.atomic():
        ScoringModel.objects.select_for_update().get(pk=model_id)
        activation = _to_begin(at).filter(model=model_id).select_related("version", "activated_by").first()
        if activation is None:
            return None  # another worker was first
        before = replaced_by(activation)
        actor = activation.activated_by
        replaced = before.version if before else None
        end_overrides(replaced, activation.version, actor=actor, at=at)
        announce(activation.version, instead_of=replaced, actor=actor, since=activation.starts_at, at=at)
        return rescoring.start_run(version=activation.version, actor=actor, at=at)
