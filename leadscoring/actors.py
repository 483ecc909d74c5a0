"""Who acts, told to the database for the length of one transaction.

Triggers read the setting `leadscoring.actor` to record editors, and refuse a change where it is unset.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from leadscoring.people.models import User

SETTING = "leadscoring.actor"


@contextmanager
def acting(actor: "User") -> Iterator[None]:
    """Run a block in one transaction whose changes are recorded as made by `actor`."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s, true)", [SETTING])
            before = cursor.fetchone()[0] or ""
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(actor.pk)])
        yield
        with connection.cursor() as cursor:
            # A nested block hands back to the outer actor; a rollback restores it by itself.
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, before])
