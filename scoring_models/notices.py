"""Telling people that another version is live, until each has seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from leadscoring.people.models import User
from scoring_models.activation import replaced_by
from scoring_models.diff import Diff, diff
from scoring_models.models import Activation, ActivationSeen, ModelVersion
from scoring_models.spec_text import thaw
from scoring_models.vocabulary import current_vocabulary

TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """Another version is live, and what that changes."""

    activation: Activation
    before: ModelVersion
    diff: Diff


def unseen(user: User, *, at: datetime) -> Notice | None:
    """The newest activation of the last two weeks that this person hasn't seen, nor made, nor come after."""
    seen = ActivationSeen.objects.filter(person=user, activation=OuterRef("pk"))
    news = Activation.objects.filter(
        ~Exists(seen),
        Q(ends_at=None) | Q(ends_at__gt=at),
        starts_at__lte=at,
        starts_at__gt=max(at - TOLD_FOR, user.date_joined),
    ).exclude(Q(ends_at=F("starts_at")) | Q(activated_by=user))
    activation = news.select_related("version__model").order_by("-starts_at").first()
    before = replaced_by(activation) if activation else None
    if activation is None or before is None:
        return None
    old, new = thaw(before.version.frozen), thaw(activation.version.frozen)
    return Notice(activation, before.version, diff(old, new, current_vocabulary()))


def dismiss(*, activation: Activation, actor: User, at: datetime) -> None:
    """Note that this person has seen it. Doing it twice is doing it once."""
    ActivationSeen.objects.get_or_create(activation=activation, person=actor, defaults={"at": at})
