from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
PASSWORD = "quiet-harbour-lantern"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Nobody attacks these; a slow hash would be most of the time that these tests take."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(_django_db_helper: None) -> Callable[..., User]:
    """Makes people who can sign in: `person(Role.REP, name="Ana")`."""

    def make(*roles: Role, name: str = "Somebody", **fields: object) -> User:
        email = f"{name.lower().replace(' ', '.')}.{User.objects.count()}@company.example"
        user = User.objects.create_user(email, PASSWORD, name=name, **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


@pytest.fixture
def admin_user(person: Callable[..., User]) -> User:
    return person(Role.ADMIN, name="Ines Duarte")


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Europe", is_default=True)
