"""An empty installation: one team, one Admin, the reference model live with empty lists."""

import os
import secrets
from datetime import datetime

from django.db import transaction

from leadscoring import hints
from leadscoring.audit.record import record
from leadscoring.people import teams, users
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models.demo import versions

TEAM = "Sales"


def admin_email() -> str:
    """Who the first Admin of an empty installation is: LEADSCORING_ADMIN, else a made-up address."""
    return os.environ.get("LEADSCORING_ADMIN") or "admin@localhost"


def set_up(*, now: datetime) -> tuple[str, str] | None:
    """Set up an empty installation; the address and password of its new Admin, None where there was one."""
    with hints.nobody(), transaction.atomic():
        team = Team.objects.filter(is_default=True).first() or _team(now)
        versions.put_live(versions.reference(), at=now)
        made = None if users.admins().exists() else _admin(team, now)
        record(action="company.set_up", target=team, actor=User.objects.system(), at=now, demo=False)
    return made


def _team(now: datetime) -> Team:
    system = User.objects.system()
    return teams.save(team=Team(), name=TEAM, members=[], is_default=True, actor=system, at=now)


def _admin(team: Team, now: datetime) -> tuple[str, str]:
    """Somebody who can do the first day's work alone, but for approving what they wrote."""
    password = secrets.token_urlsafe(15)
    user = users.invite(
        email=admin_email(),
        name="Admin",
        roles=[Role.ADMIN, Role.MARKETING, Role.MANAGER],
        teams=[team],
        actor=User.objects.system(),
        at=now,
    )
    user.set_password(password)
    user.save(update_fields=["password"])
    return user.email, password
