from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests import company as companies
from tests.company import Company


@pytest.fixture
def company(db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


@pytest.fixture
def sign_in(company: Company) -> Callable[[str], Client]:
    """A client that is signed in as somebody of the company: `sign_in("ana")`."""

    def make(name: str) -> Client:
        client = Client()
        client.force_login(company.person(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
