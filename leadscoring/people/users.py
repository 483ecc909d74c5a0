"""What an Admin does with people: invite, change, deactivate. Nobody is deleted, since their deeds stay."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, Team, User
from leadscoring.people.roles import Role


def invite(
    *, email: str, name: str, roles: Collection[Role], teams: Collection[Team], actor: User, at: datetime
) -> User:
    """Make a user who can't sign in before accepting (`invitations.link`).

    Raises DomainError `not_an_admin`, `email_taken` or `no_role`.
    """
    check_may_administer(actor)
    if not roles:
        raise DomainError("no_role", _("Choose at least one role."))
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise DomainError("email_taken", _("Somebody with this e-mail address is here already."))
    with transaction.atomic():
        user = User.objects.create_user(email, None, name=name)
        _set_roles_and_teams(user, roles, teams)
        record(action="user.invited", target=user, actor=actor, at=at, **_given(roles, teams))
    return user


def change(
    *,
    user: User,
    email: str,
    name: str,
    roles: Collection[Role],
    teams: Collection[Team],
    is_active: bool,
    actor: User,
    at: datetime,
) -> None:
    """Change what an Admin may change about a person; deactivating is `is_active=False`.

    Raises DomainError `not_an_admin` or `last_admin`.
    """
    check_may_administer(actor)
    with transaction.atomic():
        check_admin_stays(user=user, roles=roles, is_active=is_active)
        user.email, user.name, user.is_active = email.strip().lower(), name, is_active
        user.save(update_fields=["email", "name", "is_active"])
        _set_roles_and_teams(user, roles, teams)
        given = _given(roles, teams)
        record(action="user.changed", target=user, actor=actor, at=at, is_active=is_active, **given)


def check_may_administer(actor: User) -> None:
    """Raise DomainError `not_an_admin` unless `actor` is an Admin, or the system itself."""
    if not (actor.has_role(Role.ADMIN) or actor.email == SYSTEM_EMAIL):
        raise DomainError("not_an_admin", _("Only an Admin can do this."))


def check_admin_stays(*, user: User, roles: Collection[Role], is_active: bool) -> None:
    """Raise DomainError `last_admin` if the change would leave nobody who can administer.

    In a transaction it also makes others who ask wait, so that two Admins can't remove each other at once.
    """
    if is_active and (user.is_superuser or Role.ADMIN in roles):
        return
    if transaction.get_connection().in_atomic_block:
        Group.objects.select_for_update().get(name=Role.ADMIN)
    if admins().filter(pk=user.pk).exists() and not admins().exclude(pk=user.pk).exists():
        raise DomainError(
            "last_admin", _("This is the last active Admin. Give somebody else the role first.")
        )


def admins() -> QuerySet[User]:
    """The Admins who can sign in: active, with a password."""
    return (
        User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMIN), is_active=True)
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .distinct()
    )


def _set_roles_and_teams(user: User, roles: Collection[Role], teams: Collection[Team]) -> None:
    user.groups.set(Group.objects.filter(name__in=roles))
    user.teams.set(teams)
    user.__dict__.pop("_belongs_to", None)


def _given(roles: Collection[Role], teams: Collection[Team]) -> dict[str, list[int] | list[str]]:
    return {"roles": sorted(str(role) for role in roles), "teams": sorted(team.pk for team in teams)}
