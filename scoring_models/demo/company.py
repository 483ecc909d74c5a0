"""Larkfield itself: its teams, its people and their one password."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from leadscoring.ops.state import State
from leadscoring.people import teams, users
from leadscoring.people.hours import TeamHours, set_hours
from leadscoring.people.models import Team, User
from scoring_models.demo.cast import CAST, EUROPE, OVERSEAS, TEAMS, Member

# No 0, 1, l or o: these are read from a terminal and typed.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_WEEK = dict.fromkeys(range(5), (9 * 60, 18 * 60))  # Monday to Friday, 9 to 18
HOURS = {EUROPE: TeamHours("Europe/Berlin", _WEEK), OVERSEAS: TeamHours("Europe/London", _WEEK)}


def password() -> str:
    """The password of all demo people: random, of this installation, kept in its state folder."""
    state: State = settings.STATE
    digest = hashlib.sha256(state.secret("demo").encode()).digest()
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:15])
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def hire(*, at: datetime) -> dict[str, User]:
    """Make the teams and the people that aren't there yet; the people by name."""
    system = User.objects.system()
    for place, name in enumerate(TEAMS):
        if not Team.objects.filter(name=name).exists():
            teams.save(
                team=Team(name=name), name=name, members=[], is_default=place == 0, actor=system, at=at
            )
        set_hours(team=Team.objects.get(name=name), hours=HOURS[name], actor=system, at=at)
    hashed = make_password(password())
    return {member.name: _hired(member, hashed, system, at) for member in CAST}


def _hired(member: Member, hashed: str, system: User, at: datetime) -> User:
    found = User.objects.filter(email=member.email).first()
    if found is not None:
        return found
    of = Team.objects.filter(name=member.team)
    user = users.invite(
        email=member.email, name=member.name, roles=[member.role], teams=of, actor=system, at=at
    )
    user.password = hashed
    user.save(update_fields=["password"])
    return user
