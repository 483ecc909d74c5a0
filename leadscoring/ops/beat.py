"""The scheduler of `celery beat`. However many are started, one sends; the others wait to take over."""

import logging
from typing import Any

from celery.beat import Scheduler
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)

# The lock's number, unique within the database; any would do.
BEAT_LOCK = 0x6C65_6164_7363_6F72
WAIT_SECONDS = 1.0


class BeatLock:
    """An advisory lock of PostgreSQL, held by a connection of its own and gone with it.

    It belongs to a session: give beat a connection that no pooler shares between transactions.
    """

    def __init__(self) -> None:
        self._link: BaseDatabaseWrapper | None = None

    def held(self) -> bool:
        """Whether we hold the lock at this moment; tries to get it if not."""
        try:
            return self._still_held() or self._acquire()
        except Error:
            log.warning("beat: the database does not answer; trying again", exc_info=True)
            self.release()
            return False

    def release(self) -> None:
        """Let another one have it."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def _still_held(self) -> bool:
        if self._link is None:
            return False
        with self._link.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True

    def _acquire(self) -> bool:
        link = connections.create_connection("default")
        with link.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [BEAT_LOCK])
            (got,) = cursor.fetchone() or (False,)
        if got:
            self._link = link
            log.info("beat: this one sends")
        else:
            link.close()
        return bool(got)


class SingleScheduler(Scheduler):
    """Sends what CELERY_BEAT_SCHEDULE says, while it holds the lock.

    Nothing is remembered over a restart: every entry is a sweep that is due again within seconds.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock = BeatLock()
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send one due task; return the seconds until the next look."""
        if not self.lock.held():
            return WAIT_SECONDS
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        self.lock.release()
        super().close()
