"""API keys: made, rotated and revoked by Admins, and found by what a request brings.

A key reads `ls_<prefix>_<secret>`. The secret is shown once; 256 random bits need no slow hash.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from leadscoring.api.models import REQUESTS_A_MINUTE, ApiKey
from leadscoring.api.scopes import DECIDING, Scope
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, User
from leadscoring.people.users import check_may_administer
from leadscoring.prepared import prepared_cursor

LONGEST_LIFE = timedelta(days=2 * 365)
LONGEST_GRACE = timedelta(days=30)
USE_NOTED_EVERY = timedelta(minutes=1)
_OF_KEY = [field.attname for field in ApiKey._meta.concrete_fields]
_OF_USER = [field.attname for field in User._meta.concrete_fields]
# Each request that brings a key asks this.
_FIND = f"""
SELECT {", ".join(f"k.{name}" for name in _OF_KEY)}, {", ".join(f"u.{name}" for name in _OF_USER)}
  FROM api_apikey k JOIN people_user u ON u.id = k.user_id WHERE k.prefix = %(prefix)s::text
"""
_TEXT = re.compile(r"ls_([a-z0-9]{12})_([a-f0-9]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Issued:
    """A key with its whole text, which nobody sees again."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """The parts of a key's text."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"ls_{self.prefix}_{self.secret}"

    @property
    def hash(self) -> str:
        return hashlib.sha512(self.secret.encode()).hexdigest()


def new_text(prefix: str | None = None) -> Text:
    """A text that nobody can guess; with the prefix of a key that there is, or a new one."""
    return Text(prefix or secrets.token_hex(6), secrets.token_hex(32))


@transaction.atomic
def create(
    *,
    name: str,
    user: User,
    scopes: Collection[Scope],
    expires_at: datetime,
    actor: User,
    at: datetime,
    requests_a_minute: int = REQUESTS_A_MINUTE,
) -> Issued:
    """Make a key that acts as `user` until `expires_at`, at most two years away.

    Raises DomainError: `not_an_admin`, `key.person`, `key.scopes`, `key.expiry`, `key.track` where a write
    key could do more, and `key.not_own` where it could decide on versions as somebody other than `actor`.
    """
    check_may_administer(actor)
    _check(user, scopes, expires_at, actor=actor, at=at)
    text = new_text()
    key = ApiKey.objects.create(
        name=name,
        user=user,
        prefix=text.prefix,
        secret_hash=text.hash,
        scopes=sorted(scopes),
        requests_a_minute=requests_a_minute,
        created_by=actor,
        created_at=at,
        expires_at=expires_at,
    )
    told = {"user": user.pk, "scopes": key.scopes, "expires_at": expires_at.isoformat()}
    record(action="api_key.created", target=key, actor=actor, at=at, **told)
    return Issued(key, str(text))


@transaction.atomic
def rotate(*, key: ApiKey, grace: timedelta, actor: User, at: datetime) -> Issued:
    """Give a key a new secret; the present one works on for `grace` (at most 30 days).

    Raises DomainError: `not_an_admin`, `key.over`, `key.grace`, `key.not_own`.
    """
    check_may_administer(actor)
    if not timedelta() <= grace <= LONGEST_GRACE:
        raise DomainError("key.grace", _("The old secret can work on for 30 days at most."))
    locked = _running(key, at=at)
    _check_own(locked.user, map(Scope, locked.scopes), actor)
    text = new_text(locked.prefix)
    locked.previous_hash, locked.previous_until = locked.secret_hash, at + grace
    locked.secret_hash = text.hash
    locked.save(update_fields=("previous_hash", "previous_until", "secret_hash"))
    until = locked.previous_until.isoformat()
    record(action="api_key.rotated", target=locked, actor=actor, at=at, previous_until=until)
    return Issued(locked, str(text))


@transaction.atomic
def revoke(*, key: ApiKey, actor: User, at: datetime) -> None:
    """End a key at once and for good. Raises DomainError: `not_an_admin`, `key.over`."""
    check_may_administer(actor)
    locked = _running(key, at=at)
    locked.revoked_at = at
    locked.save(update_fields=("revoked_at",))
    record(action="api_key.revoked", target=locked, actor=actor, at=at)


def find(text: str, *, at: datetime) -> ApiKey | None:
    """The key of that text, with its person; None if it is wrong, over, or its person deactivated."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    given = Text(*match.groups())
    key = _with_prefix(given.prefix)
    if key is None or is_over(key, at=at) or not key.user.is_active:
        return None
    return key if _is_secret(key, given.hash, at=at) else None


def _with_prefix(prefix: str) -> ApiKey | None:
    with prepared_cursor() as cursor:
        cursor.execute(_FIND, {"prefix": prefix})
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.from_db("default", _OF_KEY, row[: len(_OF_KEY)])
    key.user = User.from_db("default", _OF_USER, row[len(_OF_KEY) :])
    return key


def prefix_of(text: str) -> str | None:
    """Which key a text would be of, right or wrong; None for what no key looks like."""
    match = _TEXT.fullmatch(text)
    return match[1] if match else None


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Remember that a key is in use; written once a minute at most."""
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)


def is_over(key: ApiKey, *, at: datetime) -> bool:
    return key.revoked_at is not None or key.expires_at <= at


def _check(user: User, scopes: Collection[Scope], expires_at: datetime, *, actor: User, at: datetime) -> None:
    if user.email == SYSTEM_EMAIL or not user.is_active:
        raise DomainError("key.person", _("A key acts as a person who may sign in."))
    if not scopes:
        raise DomainError("key.scopes", _("Choose at least one thing that it may be used for."))
    if Scope.TRACK in scopes and len(set(scopes)) > 1:
        raise DomainError("key.track", _("A write key can be read by anybody: give it no other scope."))
    if not at < expires_at <= at + LONGEST_LIFE:
        raise DomainError("key.expiry", _("Choose an end that is still ahead, and within two years."))
    _check_own(user, scopes, actor)


def _check_own(user: User, scopes: Iterable[Scope], actor: User) -> None:
    if user.pk != actor.pk and not DECIDING.isdisjoint(scopes):
        raise DomainError(
            "key.not_own",
            _("A key that decides on versions can only be made by the person that it acts as."),
        )


def _running(key: ApiKey, *, at: datetime) -> ApiKey:
    locked = ApiKey.objects.select_for_update(of=("self",)).select_related("user").get(pk=key.pk)
    if is_over(locked, at=at):
        raise DomainError("key.over", _("This key has expired or been revoked already."))
    return locked


def _is_secret(key: ApiKey, given: str, *, at: datetime) -> bool:
    if hmac.compare_digest(given, key.secret_hash):
        return True
    in_grace = key.previous_until is not None and key.previous_until > at
    return in_grace and hmac.compare_digest(given, key.previous_hash)
