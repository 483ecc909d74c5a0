"""The order in which models are asked: dated and audited. What it means for leads is in `turns`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import rescoring
from scoring_models.coverage import refuse_uncovered
from scoring_models.live import general_version
from scoring_models.models import Arrangement, RescoreRun, ScoringModel
from scoring_models.permissions import Step, require

_PLACE_EACH = """
UPDATE scoring_models_scoringmodel m SET position = placed.place
  FROM unnest(%s::bigint[]) WITH ORDINALITY AS placed (id, place) WHERE placed.id = m.id
"""


def in_order() -> list[ScoringModel]:
    """All models as they are asked now."""
    return list(ScoringModel.objects.select_related("owner", "reviewed_by").order_by("position"))


def arrange(
    *, models: Sequence[int], actor: User, at: datetime, seen: Sequence[int] | None = None
) -> RescoreRun | None:
    """Have models asked in this order from `at` on, by their ids, and begin to score all leads anew.

    `seen` is the order that the actor looked at. The run is of the live version of the last model; None where
    nothing is live.

    Raises DomainError: `not_allowed`, `changed_since` where these aren't all models or the order isn't what
    was seen any more, `same_order`, `overtaken` where somebody arranged them at `at` or later, and
    `last_audience` where the last live model would score only some leads.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        before = _locked_order()
        _refuse(models, before, seen, at)
        with connection.cursor() as cursor:
            cursor.execute(_PLACE_EACH, [list(models)])
        arrangement = Arrangement.objects.create(at=at, arranged_by=actor, before=before, after=list(models))
        refuse_uncovered(at=at)
        record(
            action="models.arranged",
            target=arrangement,
            actor=actor,
            at=at,
            before=before,
            after=list(models),
        )
        last = general_version(at=at)
        return rescoring.start_run(version=last, actor=actor, at=at) if last else None


def _locked_order() -> list[int]:
    """The ids of all models as they are asked. Locked one by one, as activations lock theirs."""
    locked = ScoringModel.objects.select_for_update().order_by("pk")
    return [model.pk for model in sorted(locked, key=lambda model: model.position)]


def _refuse(models: Sequence[int], before: Sequence[int], seen: Sequence[int] | None, at: datetime) -> None:
    if sorted(models) != sorted(before) or (seen is not None and list(seen) != before):
        raise DomainError("changed_since", _("The order of models changed meanwhile. Look again."))
    if list(models) == before:
        raise DomainError("same_order", _("The models are in this order already."))
    latest = Arrangement.objects.aggregate(Max("at"))["at__max"]
    if latest is not None and latest >= at:
        raise DomainError("overtaken", _("Somebody changed the order a moment ago. Look again."))
