"""A page that can't be shown says so, and whether one may come back."""

import pytest
from django.db import OperationalError
from django.test import Client

from tests.company import Company


@pytest.mark.parametrize(
    ("error", "status", "wait"), [(OperationalError("gone"), 503, "5"), (RuntimeError(), 500, None)]
)
def test_without_the_database_one_may_come_back_later(
    error: Exception, status: int, wait: str | None, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise error

    client = Client(raise_request_exception=False)
    client.force_login(company.person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr("leads.views.today.today", fail)
    answer = client.get("/today/")
    assert (answer.status_code, answer.get("Retry-After")) == (status, wait)
    assert "Try again" in answer.content.decode()
