"""Keeping a model up to date: who owns it, when it was last looked at, and what waits for its owner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.agreements import unagreed_bands
from scoring_models.evaluation import frozen_spec
from scoring_models.live import live_activation
from scoring_models.models import Activation, ScoringModel
from scoring_models.permissions import Step, require

DUE_AFTER = timedelta(days=30)
STALE_AFTER = timedelta(days=91)
OWNERS = (Role.MARKETING, Role.MANAGER)


class Freshness(StrEnum):
    FRESH = "fresh"
    DUE = "due"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """A model that is live: since when, when last reviewed or put live, and bands without agreement."""

    model: ScoringModel
    activation: Activation
    last: datetime
    freshness: Freshness
    unagreed: tuple[str, ...]


def upkeep(model: ScoringModel, *, at: datetime) -> Upkeep | None:
    """How a model stands at `at`; None where no version of it is live."""
    activation = live_activation(model, at=at)
    if activation is None:
        return None
    last = max(filter(None, (activation.starts_at, model.reviewed_at)))
    made = model.agreements.values_list("band_key", "means", "side")
    unagreed = unagreed_bands(frozen_spec(activation.version.digest), made)
    return Upkeep(model, activation, last, freshness(last, at=at), unagreed)


def freshness(last: datetime, *, at: datetime) -> Freshness:
    """How old a model is whose live version was last looked at then."""
    age = at - last
    return Freshness.STALE if age >= STALE_AFTER else Freshness.DUE if age >= DUE_AFTER else Freshness.FRESH


def tasks(digest: str, last: datetime, agreements: Iterable[Sequence[str]], *, at: datetime) -> int:
    """How much waits about a live version, by its digest, that was last looked at then."""
    is_old = freshness(last, at=at) is not Freshness.FRESH
    return is_old + bool(unagreed_bands(frozen_spec(digest), agreements))


def is_theirs(owner_id: int | None, user: User) -> bool:
    """Whether a model waits for this person: as its owner, or as a manager where nobody is."""
    return owner_id == user.pk if owner_id is not None else user.has_role(Role.MANAGER)


def keep_as_is(*, model: ScoringModel, actor: User, at: datetime) -> None:
    """Note that a manager looked at the live version and keeps it. Raises DomainError("not_live")."""
    require(actor, Step.ACTIVATE)
    with acting(actor):
        model = ScoringModel.objects.select_for_update().get(pk=model.pk)
        activation = live_activation(model, at=at)
        if activation is None:
            raise DomainError("not_live", _("No version of this model is live."))
        model.reviewed_at, model.reviewed_by = at, actor
        model.save(update_fields=["reviewed_at", "reviewed_by"])
        record(action="model.reviewed", target=model, actor=actor, at=at, version=activation.version_id)


def set_owner(*, model: ScoringModel, owner: User, actor: User, at: datetime) -> None:
    """Say who looks after a model. Raises DomainError("no_owner") for people who couldn't."""
    require(actor, Step.ACTIVATE)
    if not owner.has_role(*OWNERS):
        raise DomainError("no_owner", _("Somebody of marketing or a manager owns a model."))
    with acting(actor):
        model = ScoringModel.objects.select_for_update().get(pk=model.pk)
        model.owner = owner
        model.save(update_fields=["owner"])
        record(action="model.owner_set", target=model, actor=actor, at=at, owner=owner.pk)


def possible_owners() -> list[User]:
    """The active people who may own a model, by name."""
    people = User.objects.people().filter(is_active=True).filter(groups__name__in=OWNERS).distinct()
    return sorted(people, key=lambda user: str(user).casefold())
