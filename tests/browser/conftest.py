from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django import Settings

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
        sign_in(page, name)
        if path:
            page.goto(path)
        return page

    return open_page


def sign_in(page: Page, name: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail").fill(f"{name}@company.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)
