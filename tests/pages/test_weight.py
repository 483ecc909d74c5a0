"""What the queue's page costs: statements to the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from leads.queue import saved_views
from tests.company import Company

SignIn = Callable[[str], Client]

MOST_QUERIES = 12


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile, by Django's cursors and by our own."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(" ".join(str(query).split()))
        return execute(self, query, *arguments, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(psycopg.Cursor, "execute", noted)
    try:
        yield seen
    finally:
        patch.undo()


@pytest.mark.parametrize(
    "query",
    [
        "only=now",
        "band=hot&owner=me&source=webinar&country=de&industry=software&inbound=true",
        "only=claimed&sort=intent",
        "only=overridden&team=0",
        "only=overdue",
        "only=today",
        "only=snoozed",
        "band=hot&view=hot",
        "source=nothing",
    ],
)
def test_a_page_of_the_queue_asks_the_database_little_whatever_its_filters(
    sign_in: SignIn, company: Company, query: str
) -> None:
    ana = sign_in("ana")
    saved_views.save(name="Hot", query="band=hot", actor=company.person("ana"), at=timezone.now())
    ana.get(f"/queue/?{query}")
    with statements() as seen:
        assert ana.get(f"/queue/?{query}").status_code == 200

    assert 5 < len(seen) <= MOST_QUERIES, "\n".join(seen)
