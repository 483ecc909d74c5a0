"""The fixtures themselves: a harness that lies makes every other test worthless."""

import socket

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from playwright.sync_api import Browser, Page

from tests.conftest import PageWatch


def names() -> set[str]:
    return set(ContentType.objects.filter(app_label="harness").values_list("model", flat=True))


@pytest.mark.parametrize("model", ["first", "second"])
def test_a_test_with_db_leaves_nothing_behind(db: None, model: str) -> None:
    ContentType.objects.create(app_label="harness", model=model)
    assert names() == {model}


@pytest.mark.parametrize("model", ["first", "second"])
def test_what_a_test_commits_is_seen_outside_and_gone_afterwards(
    committed_db: None, owner_connection: psycopg.Connection, model: str
) -> None:
    ContentType.objects.create(app_label="harness", model=model)
    seen = owner_connection.execute("SELECT model FROM django_content_type WHERE app_label = 'harness'")
    assert seen.fetchall() == [(model,)]


@pytest.mark.django_db(transaction=True)
def test_the_marker_for_transactions_gives_a_database_of_its_own() -> None:
    assert str(connection.settings_dict["NAME"]).endswith("_fresh")


def test_tests_run_as_the_app_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == ("leadscoring_web", "leadscoring_app")


def test_the_outside_cannot_be_reached() -> None:
    with pytest.raises(RuntimeError, match="tried to reach"), socket.socket() as probe:
        probe.connect(("192.0.2.1", 80))


def test_a_page_is_served_under_the_policy(page: Page) -> None:
    answer = page.goto("/login/")
    assert answer is not None
    assert answer.ok
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("deed", "noticed"),
    [
        ("document.body.setAttribute('style', 'color: red')", "content security policy"),
        ("setTimeout(() => { throw new Error('oops') })", "oops"),
        ("fetch('http://192.0.2.1/x').catch(() => 0)", "content security policy"),
    ],
)
def test_what_must_not_happen_on_a_page_is_noticed(
    browser: Browser, live_server_url: str, deed: str, noticed: str
) -> None:
    page = browser.new_page(base_url=live_server_url)
    watch = PageWatch(page)
    page.goto("/login/")
    page.evaluate(deed)
    for _look in range(600):
        if watch.problems:
            break
        page.wait_for_timeout(100)
    page.close()
    assert noticed in " ".join(watch.problems)
