"""Running the engine: scores that are stored, in three passes that may all run at once.

*Touch* (`score_stale`, `score_leads`) scores leads about which something was learned, *due* those that time
has changed, *range* all leads of an id range, after another version went live.

Why no pass can leave an old score standing. Each pass takes its moment (as_of) from the database's clock,
then reads the live versions, then evaluates in a later snapshot, and writes under the guard
`scored_at <= as_of`: of two writers the one with the later clock wins, whoever commits last.

* Whatever changes a score commits together with a stale mark of its own. A touch deletes marks first and
  takes its clock after that, so its snapshot has seen what those marks stand for. Any writer with a later
  clock has a later snapshot and has seen it too: when the guard turns a touch away, nothing is lost.
* A touch that dies rolls back, and its marks are there again. Marks that another touch holds are skipped.
* A touch always writes, even an equal score: its `scored_at` keeps older writers away. Due and range write
  only what differs; then the stored row says the same as theirs, and whoever knows more than both has a mark.
* A mark of a lead that another one absorbed by then is that one's: the touch that takes it scores the other.
  Whoever merges writes a score of the absorbed one that is closed and of that moment, which the guard keeps
  from older writers; later ones don't see it as a lead.
* Where a rule counts what colleagues do, a touch scores everybody of the marked leads' accounts. Of two such
  touches the later one has seen what the marks of the other stand for, too.
* A new version's range pass begins after its activation committed, so its clock is later than that of any
  pass that still read the version before. So does that of a new order of models.
* With several models one statement, so one snapshot, decides which of them scores each lead.
* Score passes commit before they are on disk. A crash that takes a score takes with it what says that it was
  written: the mark comes back, the shard is to be done again.
* A new row copies team, owner and openness from its lead, and from then on a trigger keeps them in step. A
  lead that changes while its first score is being written has no row yet for that trigger to find: the
  trigger leaves a mark, and the touch that takes it sets them right.

What scores were is kept with them, in the same transaction; `score_changes` says what of it, and why that can
be relied upon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from leads.ingestion.history import begin_values
from leads.models import Lead
from leadscoring.prepared import prepared_cursor
from scoring_models import score_rows
from scoring_models.engine.moments import END_OF_TIME
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import TAKEN_AT, Subjects
from scoring_models.evaluation import (
    EVERY_LEAD,
    Detail,
    Evaluated,
    LeadRange,
    RuleResult,
    band_counts,
    detail,
    evaluate,
    evaluate_pairs,
    joins_of_many,
)
from scoring_models.live import LIVE, PLACE
from scoring_models.score_rows import Mark
from scoring_models.spec import AccountActivity
from scoring_models.turns import Turn, as_score_rows, in_turn

__all__ = (
    "EVERY_LEAD",
    "Detail",
    "Evaluated",
    "LeadRange",
    "RuleResult",
    "band_counts",
    "detail",
    "evaluate",
    "evaluate_pairs",
    "score_due",
    "score_leads",
    "score_range",
    "score_stale",
)

LEADS_A_BATCH = 2_000


# The live versions in the order of their models, by ids and digests, what else their statement hangs on, and
# until when that holds unless somebody changes it: the next moment at which something begins or ends.
_LIVE_AT = f"""
SELECT string_agg(v.id || ':' || v.digest, ' ' ORDER BY {PLACE.format(at="%(at)s")}) AS versions,
       (SELECT revision FROM leads_vocabulary) AS vocabulary,
       (SELECT revision FROM scoring_models_live) AS standing,
       %(at)s::timestamptz AS since,
       LEAST((SELECT min(p.starts_at) FROM scoring_models_activation p WHERE p.starts_at > %(at)s),
             (SELECT min(p.ends_at) FROM scoring_models_activation p WHERE p.ends_at > %(at)s),
             (SELECT min(o.at) FROM scoring_models_arrangement o WHERE o.at > %(at)s),
             {END_OF_TIME}) AS until
{LIVE.format(at="%(at)s")} HAVING count(*) > 0
"""
# Asked for every batch of leads, and most batches are one lead: so of two rows, not of all of the above.
_STILL_LIVE = (
    "SELECT FROM leads_vocabulary v CROSS JOIN scoring_models_live l"
    " WHERE v.revision = %(vocabulary)s::uuid AND l.revision = %(standing)s::uuid"
    f" AND {TAKEN_AT} >= %(since)s::timestamptz AND {TAKEN_AT} < %(until)s::timestamptz"
)


class Live(NamedTuple):
    """The versions that score leads, and the revision of what they may speak of here.

    That these are live is so at `since` and until `until`, unless the revision `standing` changes.
    """

    versions: str
    vocabulary: UUID
    standing: UUID
    since: datetime
    until: datetime

    def statement(self, subjects: Subjects) -> Statement:
        """The statement that scores with them. Raises DomainError("cannot_compute")."""
        return _statement(self.versions, self.vocabulary, subjects)

    @property
    def asks_for_colleagues(self) -> bool:
        """Whether what one lead does can change the score of another of its account."""
        rules = (rule for turn in _turns(self.versions) for rule in turn.spec.enabled_rules)
        return any(isinstance(rule.condition, AccountActivity) for rule in rules)


class Ready(NamedTuple):
    """Live versions with all that scoring by them takes: whether they are live still can be asked without
    making anything of what may be gone by now, such as an attribute that a retired version asks for."""

    live: Live
    statement: Statement
    colleagues: bool


@dataclass(slots=True)
class Last:
    """The versions that scored leads when this process last asked."""

    ready: Ready | None = None


_last = Last()


@lru_cache(maxsize=64)
def _turns(versions: str) -> tuple[Turn, ...]:
    pairs = (version.split(":") for version in versions.split())
    return in_turn(tuple((int(version_id), digest) for version_id, digest in pairs))


@lru_cache(maxsize=64)
def _statement(versions: str, _vocabulary: UUID, subjects: Subjects) -> Statement:
    return as_score_rows(_turns(versions), subjects)


def score_stale(*, limit: int = LEADS_A_BATCH) -> int:
    """Score the leads of up to `limit` stale marks; how many marks were taken (0: none that is free).

    Without a live version the marks go and nothing is scored: activation scores everybody. Where the versions
    that were live last time are so still, which is all but always, all is done in one trip to the database.
    """
    if _last.ready is not None:
        taken = _score_marked(_last.ready, limit)
        if taken is not None:
            return taken
    with transaction.atomic():
        marks, as_of = score_rows.take_marks(limit)
        if as_of is not None:
            _touch(marks, as_of)
    return len(marks)


def score_leads(lead_ids: Iterable[int]) -> None:
    """Score these leads now, whether or not anything changed. Unknown ids are left out."""
    with transaction.atomic():
        _touch([Mark(lead_id, 0) for lead_id in lead_ids], score_rows.database_clock())


def score_due(*, now: datetime | None = None, limit: int = LEADS_A_BATCH) -> int:
    """Score up to `limit` leads that are due; how many there were. `now` replaces the database's clock.

    Values whose time has come begin first.
    """
    score_rows.drop_objected()
    begin_values(at=now or score_rows.database_clock())
    with transaction.atomic():
        lead_ids = score_rows.lock_due(before=now, limit=limit)
        if not lead_ids:
            return 0
        as_of = now or score_rows.database_clock()
        live = _live(as_of)
        if live is None:
            return 0
        _write_changed(live, Subjects.IDS, {"lead_ids": lead_ids, "as_of": as_of})
    return len(lead_ids)


def score_range(*, low: int, high: int, as_of: datetime | None = None) -> int:
    """Score the leads with `low` <= id < `high`, writing what changed; how many leads there are.

    `as_of` is a moment of the database's clock in this transaction; None: now.
    """
    with transaction.atomic():
        as_of = as_of or score_rows.database_clock()
        live = _live(as_of)
        if live is None:
            return 0
        with joins_of_many():
            _write_changed(live, Subjects.RANGE, {"low": low, "high": high, "as_of": as_of})
        return Lead.objects.filter(pk__gte=low, pk__lt=high).count()


def _score_marked(ready: Ready, limit: int) -> int | None:
    return score_rows.score_marked(
        ready.statement,
        live=_STILL_LIVE,
        thought=ready.live._asdict(),
        limit=limit,
        colleagues=ready.colleagues,
    )


def _touch(marks: Sequence[Mark], as_of: datetime) -> None:
    live = _live(as_of)
    _last.ready = live and Ready(live, live.statement(Subjects.TAKEN), live.asks_for_colleagues)
    if live is not None and marks:
        statement = live.statement(Subjects.IDS)
        marks = score_rows.inherited(marks) if statement.merges else marks
        ids = {mark.lead_id for mark in marks}
        concerned = score_rows.with_colleagues(ids) if live.asks_for_colleagues else ids
        parameters = {"lead_ids": sorted(concerned), "as_of": as_of}
        score_rows.write_all(statement, parameters, marks=marks, colleagues=live.asks_for_colleagues)


def _write_changed(live: Live, subjects: Subjects, parameters: Mapping[str, Any]) -> None:
    score_rows.need_not_wait_for_the_disk()
    score_rows.write_changed(
        live.statement(subjects),
        parameters,
        colleagues=live.asks_for_colleagues,
    )


def _live(at: datetime) -> Live | None:
    """The versions that score leads at `at`."""
    with prepared_cursor() as cursor:
        cursor.execute(_LIVE_AT, {"at": at})
        found = cursor.fetchone()
    return Live(*found) if found else None
