"""Settings fail loudly, and do what .env.example says."""

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

database_settings = import_module("leadscoring.settings").database_settings


def test_another_kind_of_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    with pytest.raises(ImproperlyConfigured, match="postgres://"):
        database_settings()


def test_an_owner_of_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@127.0.0.1/one")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://a:b@127.0.0.1/two")
    with pytest.raises(ImproperlyConfigured, match="different databases"):
        database_settings()


def test_a_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOL", "many")
    with pytest.raises(ValueError, match="many"):
        database_settings()


def test_one_url_serves_app_and_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://login:word@127.0.0.1:5433/leads")
    monkeypatch.delenv("DATABASE_OWNER_URL")
    database = database_settings()
    assert (database["USER"], database["OWNER"]["USER"]) == ("login", "login")


def test_timeout_and_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://a:b@127.0.0.1/one?sslmode=require")
    monkeypatch.setenv("DATABASE_OWNER_URL", "")
    monkeypatch.setenv("DATABASE_STATEMENT_TIMEOUT", "2.5")
    monkeypatch.setenv("DATABASE_POOL", "4")
    database = database_settings()
    assert database["OPTIONS"] == {
        "connect_timeout": 5,
        "sslmode": "require",
        "options": "-c statement_timeout=2500",
        "pool": {"min_size": 1, "max_size": 4},
    }
    assert database["CONN_MAX_AGE"] == 0


def test_errors_are_not_shown_to_browsers() -> None:
    assert settings.DEBUG is False


def test_the_policy_allows_nothing_unsafe() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {source for sources in directives.values() for source in sources}
    assert allowed == {"'self'", "'none'"}


def test_sweeps_do_not_pile_up() -> None:
    entries: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    for entry in entries.values():
        assert entry["schedule"] < entry["options"]["expires"] <= 2 * entry["schedule"]
