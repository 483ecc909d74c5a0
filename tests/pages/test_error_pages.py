"""What a page says when it can't be made: nothing of it may need what just failed."""

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser that has signed in; who it is can't be looked up."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    return client


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def load(_self: SessionStore) -> None:
        raise error

    monkeypatch.setattr(SessionStore, "load", load)


def test_a_database_that_is_away_is_said(failing: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, OperationalError("server closed the connection unexpectedly"))
    answer = failing.get("/queue/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database doesn't answer just now" in answer.content.decode()


def test_what_nobody_foresaw_is_our_fault(failing: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, ValueError("nobody knows"))
    answer = failing.get("/queue/")
    assert (answer.status_code, answer.get("Retry-After")) == (500, None)
    assert "Something broke on our side" in answer.content.decode()


def test_an_address_of_no_host_of_ours_is_a_page_as_well() -> None:
    answer = Client().get("/queue/", headers={"host": "somewhere.else.example"})
    assert answer.status_code == 400
    assert "This can't be answered" in answer.content.decode()
