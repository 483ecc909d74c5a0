"""By whom, why and when leads get another team or owner, told to the trigger that keeps the history of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from leads.models import Assigned
from leadscoring.actors import acting
from leadscoring.people.models import User


@contextmanager
def assigning(*, actor: User, why: Assigned, at: datetime) -> Iterator[None]:
    """Run a block, in one transaction, that changes whose leads some are; each change becomes a row."""
    with acting(actor):
        before = _setting("leads.assigning"), _setting("leads.at")
        _tell(why.value, at.isoformat())
        yield
        _tell(*before)


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(current_setting(%s, true), '')", [name])
        return str(cursor.fetchone()[0])


def _tell(why: str, at: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('leads.assigning', %s, true), set_config('leads.at', %s, true)", [why, at]
        )
