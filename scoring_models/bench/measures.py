"""What is measured, one function a figure. All times are in seconds."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random

import psycopg
from django.db import connection
from django.utils import timezone

from leads.ingestion.signals import add_signal
from leads.queue.ranking import ranked, waiting
from leads.scorer import scorer
from leadscoring.people.models import User
from scoring_models import scoring
from scoring_models.bench.sessions import SESSIONS, Sessions, Work
from scoring_models.evaluation import EVERY_LEAD, split
from scoring_models.rescoring import LEADS_A_SHARD

COLUMNS = (
    "lead_id, version_id, scored_at, due_at, last_intent_at, engagement, fit, total, band, is_open, hits,"
    " counts, team_id, owner_id"
)
WINDOW_DAYS = 90  # the reference model's longest
HOUR = timedelta(hours=1)


class Bench:
    """The measures over one data set of leads with the ids from 1 to `leads`."""

    def __init__(self, owner: psycopg.Connection, both: Sessions, leads: int, rep: User) -> None:
        self.owner, self.both, self.leads, self.rep = owner, both, leads, rep
        self.random = Random(42)
        self.shards = list(split(EVERY_LEAD, LEADS_A_SHARD))
        self.halves: list[bytes] = []
        owner.execute("CREATE TABLE bench_commit (n integer)")

    def prepare(self) -> None:
        """Do everything once, so that all is in memory and planned; keep the rows for the floor to copy."""
        self.full()
        self.look()
        middle = self.leads // SESSIONS
        for condition in (f"<= {middle}", f"> {middle}"):
            rows = f"SELECT {COLUMNS} FROM leads_score WHERE lead_id {condition} ORDER BY lead_id"
            with self.owner.cursor().copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)") as copy:
                self.halves.append(b"".join(bytes(block) for block in copy))

    def look(self) -> None:
        """Ask for what pages ask for as often as it takes until the plans are kept."""
        self.open_queue()
        for _ in range(10):
            self.queue_query()
            self.queue_page()

    def floor(self) -> float:
        """The least that scoring everybody can take: read leads and the window's signals, write the rows.

        Both sessions read half of the pages and copy half of the rows into the score table, indexes and all.
        """
        self.forget_scores()
        return self.both.time(self._floor_works())

    def _floor_works(self) -> Iterator[Work]:
        since = timezone.now() - timedelta(days=WINDOW_DAYS)
        for place, rows in enumerate(self.halves):
            leads = self._half_of_pages("leads_lead", "leads_lead", place)
            signals = self._half_of_pages("leads_signal", "leads_signal_default", place)
            yield partial(_read_and_copy, leads, signals, since, rows)

    def _half_of_pages(self, table: str, stored_in: str, place: int) -> str:
        """A scan of every SESSIONS-th part of a table's pages."""
        found = self.owner.execute("SELECT pg_relation_size(%s) / 8192", [stored_in]).fetchone()
        assert found is not None
        low, high = (found[0] * part // SESSIONS for part in (place, place + 1))
        return f"{table} WHERE ctid >= '({low},0)' AND ctid < '({high},0)'"

    def forget_scores(self) -> None:
        """An empty score table, as before the first scoring."""
        self.owner.execute("TRUNCATE leads_score")

    def full(self) -> float:
        """A rescore of everybody in shards, as a run of it does: a transaction a shard."""
        return self.both.time(
            partial(scoring.score_range, low=shard.low, high=shard.high) for shard in self.shards
        )

    def due(self) -> tuple[float, int]:
        """The rescore of all that becomes due within an hour, and how many leads those are."""
        end, leads = timezone.now() + HOUR, 0
        start = time.perf_counter()
        while scored := scoring.score_due(now=end):
            leads += scored
        return time.perf_counter() - start, leads

    def commit(self) -> float:
        """One row written for good."""
        start = time.perf_counter()
        self.owner.execute("INSERT INTO bench_commit VALUES (1)")
        return time.perf_counter() - start

    def signal(self) -> float:
        """From a signal that comes in to the score that has seen it: two commits, and all between."""
        now, lead_id = timezone.now(), self.any_lead()
        start = time.perf_counter()
        add_signal(
            lead_id=lead_id,
            type_key="dm_received",
            occurred_at=now,
            received_at=now,
            source="bench",
            message_id=str(self.random.random()),
        )
        scoring.score_stale()
        return time.perf_counter() - start

    def explain(self) -> float:
        lead_id = self.any_lead()
        start = time.perf_counter()
        scorer().explain(lead_id, as_of=timezone.now())
        return time.perf_counter() - start

    def queue_query(self) -> float:
        """The rows of the first page of a rep's queue, or of the one after it, in turn with chance."""
        after = self.cursor if self.random.random() < 0.5 else None
        start = time.perf_counter()
        ranked(user=self.rep, now=timezone.now(), after=after)
        return time.perf_counter() - start

    def open_queue(self) -> None:
        """Load the first page, for its cursor."""
        self.cursor = ranked(user=self.rep, now=timezone.now()).next

    def queue_page(self) -> float:
        """All that the page asks for: rows with their reasons, counts of bands, the first lead explained."""
        start, now = time.perf_counter(), timezone.now()
        rows = ranked(user=self.rep, now=now).rows
        scorer().reasons([row.lead.pk for row in rows])
        waiting(user=self.rep, now=now)
        scorer().explain(rows[0].lead.pk, as_of=now)
        return time.perf_counter() - start

    def any_lead(self) -> int:
        return self.random.randint(1, self.leads)


def _read_and_copy(leads: str, signals: str, since: datetime, rows: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), max(job_title), count(ssi_score) FROM {leads}")
        cursor.execute(
            f"SELECT count(*), max(type_id), max(occurred_at) FROM {signals} AND occurred_at > %s", [since]
        )
        with cursor.copy(f"COPY leads_score ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(rows)
