from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A client of somebody with these roles: `signed_in(Role.MANAGER, team=team)`."""

    def sign_in(*roles: Role, team: Team | None = None) -> Client:
        user = User.objects.create_user(f"u{User.objects.count()}@company.example", name="Somebody")
        user.groups.set(Group.objects.filter(name__in=roles))
        if team is not None:
            user.teams.add(team)
        client = Client()
        client.force_login(user)
        return client

    return sign_in
