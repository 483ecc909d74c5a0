"""What Admins do with endpoints: register, change, give a new secret, switch on and off, remove."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.hooks import secrets_of
from leadscoring.hooks.models import CHOSEN, FIRST_THRESHOLD, Endpoint, EventKind, Off
from leadscoring.outgoing import check_url
from leadscoring.people.models import User
from leadscoring.people.users import check_may_administer

LONGEST_OVERLAP = timedelta(days=30)
MOST = 50


@dataclass(frozen=True, slots=True)
class Issued:
    """An endpoint with its secret, which nobody sees again."""

    endpoint: Endpoint
    secret: str


@transaction.atomic
def create(
    *,
    url: str,
    description: str,
    events: Collection[EventKind],
    actor: User,
    at: datetime,
    threshold: int = FIRST_THRESHOLD,
) -> Issued:
    """Register an address, which is told of events from now on.

    Raises DomainError: `not_an_admin`, `address_refused`, `endpoint.description`, `endpoint.events`,
    `endpoint.threshold`, `endpoint.too_many`.
    """
    check_may_administer(actor)
    _check(url, description, events, threshold)
    if Endpoint.objects.count() >= MOST:
        raise DomainError(
            "endpoint.too_many", _("There are %(most)d endpoints. Remove one first.") % {"most": MOST}
        )
    salt = secrets_of.new_salt()
    endpoint = Endpoint.objects.create(
        url=url,
        description=description.strip(),
        events=sorted(events),
        threshold=threshold,
        salt=salt,
        fingerprint=secrets_of.fingerprint_of(salt),
        created_by=actor,
        created_at=at,
    )
    record(action="endpoint.created", target=endpoint, actor=actor, at=at, events=endpoint.events)
    return Issued(endpoint, secrets_of.text_of(salt))


@transaction.atomic
def change(
    *,
    endpoint_id: int,
    url: str,
    description: str,
    events: Collection[EventKind],
    threshold: int,
    is_on: bool,
    actor: User,
    at: datetime,
) -> Endpoint:
    """Change an endpoint, or switch it on or off. Switched on, it starts afresh.

    Raises DomainError: `endpoint.not_found`, and what `create` raises.
    """
    check_may_administer(actor)
    endpoint = locked(endpoint_id)
    _check(url, description, events, threshold)
    wanted = {
        "url": url,
        "description": description.strip(),
        "events": sorted(events),
        "threshold": threshold,
    }
    changed = [name for name, value in wanted.items() if getattr(endpoint, name) != value]
    for name in changed:
        setattr(endpoint, name, wanted[name])
    if is_on != endpoint.is_on:
        changed.append("is_on")
        _switch(endpoint, Off.BY_HAND if not is_on else None, at=at)
    endpoint.save()
    if changed:
        record(action="endpoint.changed", target=endpoint, actor=actor, at=at, fields=changed)
    return endpoint


@transaction.atomic
def rotate(*, endpoint_id: int, overlap: timedelta, actor: User, at: datetime) -> Issued:
    """Give an endpoint a new secret; for `overlap` (at most 30 days) the present one signs, too.

    Raises DomainError: `not_an_admin`, `endpoint.not_found`, `endpoint.overlap`.
    """
    check_may_administer(actor)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise DomainError("endpoint.overlap", _("The old secret can sign for 30 days more at most."))
    endpoint = locked(endpoint_id)
    endpoint.previous_salt, endpoint.previous_until = endpoint.salt, at + overlap
    endpoint.salt = secrets_of.new_salt()
    endpoint.fingerprint = secrets_of.fingerprint_of(endpoint.salt)
    endpoint.save(update_fields=("salt", "fingerprint", "previous_salt", "previous_until"))
    until = endpoint.previous_until.isoformat()
    record(action="endpoint.rotated", target=endpoint, actor=actor, at=at, previous_until=until)
    return Issued(endpoint, secrets_of.text_of(endpoint.salt))


@transaction.atomic
def remove(*, endpoint_id: int, actor: User, at: datetime) -> None:
    """Remove an endpoint with its messages, for good. Raises DomainError: `not_an_admin`,
    `endpoint.not_found`."""
    check_may_administer(actor)
    endpoint = locked(endpoint_id)
    record(
        action="endpoint.removed", target=endpoint, actor=actor, at=at, messages=endpoint.deliveries.count()
    )
    endpoint.delete()


def switch_off(endpoint: Endpoint, because: Off, *, at: datetime) -> None:
    """Switch a locked endpoint off because of what it answered, or did not."""
    _switch(endpoint, because, at=at)
    endpoint.save(
        update_fields=("is_on", "off_because", "off_at", "failures", "failing_since", "rests_until")
    )
    system = User.objects.system()
    record(action="endpoint.switched_off", target=endpoint, actor=system, at=at, because=because.value)


def locked(endpoint_id: int) -> Endpoint:
    """The endpoint, locked. Raises DomainError `endpoint.not_found`."""
    found = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if found is None:
        raise DomainError("endpoint.not_found", _("There is no such endpoint."))
    return found


def _switch(endpoint: Endpoint, off: Off | None, *, at: datetime) -> None:
    endpoint.is_on = off is None
    endpoint.off_because = "" if off is None else off.value
    endpoint.off_at = None if off is None else at
    if off is None:
        endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None


def _check(url: str, description: str, events: Collection[EventKind], threshold: int) -> None:
    check_url(url)
    if not description.strip():
        raise DomainError("endpoint.description", _("Say what the endpoint is for."))
    if not events or not set(events) <= set(CHOSEN):
        raise DomainError("endpoint.events", _("Choose at least one event to tell of."))
    if not 1 <= threshold <= 1_000_000:
        raise DomainError("endpoint.threshold", _("Say from how many points on, at least 1."))
