from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page
from pytest_django import Settings

from leadscoring.people.models import User
from tests import company as companies
from tests.company import PASSWORD, Company

WIDE = {"width": 1440, "height": 900}

# Opens a browser in which somebody of the company has signed in: `as_person("ana", color_scheme="dark")`.
AsPerson = Callable[..., Page]


@pytest.fixture
def company(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


@pytest.fixture
def as_person(company: Company, live_server_url: str, new_page: Callable[..., Page]) -> AsPerson:
    def open_page(name: str, path: str = "", **options: object) -> Page:
        page = new_page(**{"base_url": live_server_url, "viewport": WIDE} | options)
        cookie, key = settings.SESSION_COOKIE_NAME, session_of(company.person(name))
        page.context.add_cookies([{"name": cookie, "value": key, "url": live_server_url}])
        page.goto(path or "/")
        return page

    return open_page


def session_of(user: User) -> str:
    """The session of somebody who has signed in; how people do that has tests of its own."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def follow(target: Locator) -> None:
    """Click what leads to another page, and wait until it is there.

    While it loads, things still move, and without script nothing holds back a click that hits what has moved
    there. With script a form may first ask whether the server is there: after a click nothing is on its way.
    """
    with target.page.expect_navigation():
        target.click()


def sign_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail").fill(f"{name}@company.example")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Sign in"))
    assert "/login/" not in page.url
