"""The one way in for leads, one or a million: normalise, find, write and mark stale."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from leads.attributes import definitions
from leads.ingestion.assignment import Named
from leads.ingestion.families import chunks_of
from leads.ingestion.identity import EMAIL, EXTERNAL_ID, lead_value
from leads.ingestion.journal import Journal
from leads.ingestion.lead_chunk import Job, LeadsResult, Piece, save_chunk
from leads.ingestion.locks import in_one_transaction
from leads.ingestion.rows import LeadRow
from leadscoring.people.models import Team, User

CHUNK = 2_000


def save_leads(
    rows: Iterable[LeadRow],
    *,
    at: datetime,
    actor: User,
    source: str | None = None,
    told_by: str = "",
    team: Team | None = None,
    owner: User | None = None,
    progress: Callable[[LeadsResult], None] | None = None,
) -> LeadsResult:
    """Insert or update leads and their accounts in bulk; `progress` hears the sums so far after each chunk.

    A lead is found by external id, then by e-mail. `source` is for new leads that name none, `told_by` the
    name of what tells all this, which their pages show beside each value. `team` and
    `owner` hold for all rows but those that name their own; a new lead without either is routed.
    Raises DomainError where no team would get a lead.
    """
    return save_families(
        ([row] for row in rows),
        at=at,
        actor=actor,
        source=source,
        told_by=told_by,
        team=team,
        owner=owner,
        progress=progress,
    )


def save_families(
    families: Iterable[Sequence[LeadRow]],
    *,
    at: datetime,
    actor: User,
    source: str | None = None,
    told_by: str = "",
    team: Team | None = None,
    owner: User | None = None,
    progress: Callable[[LeadsResult], None] | None = None,
    journal: Journal | None = None,
) -> LeadsResult:
    """As `save_leads`; rows that come together are saved in one transaction.

    With a `journal` that has chunks already, these are passed over, and the result is that of the others.
    """
    journal = journal or Journal()
    job = Job(
        definitions=definitions(),
        at=at,
        actor=actor,
        source=source,
        told_by=told_by,
        named=Named(team.pk if team else None, owner.pk if owner else None),
        accounts_told={account: set(keys) for account, keys in journal.accounts_told.items()},
    )
    total = LeadsResult()
    for number, chunk in enumerate(chunks_of(families, CHUNK)):
        if number < journal.done:
            journal.passed(number)
            continue
        piece = in_one_transaction(partial(_save_and_note, job, chunk, journal, number))
        job.accounts_told |= piece.accounts_told  # Not before the commit: a chunk may have to try again.
        journal.passed(number)
        total.add(piece.result)
        if progress is not None:
            progress(total)
    return total


def _save_and_note(job: Job, chunk: Sequence[LeadRow], journal: Journal, number: int) -> Piece:
    piece = save_chunk(job, chunk)
    journal.note(number, piece.result, piece.accounts_told)
    return piece


def identities(row: LeadRow) -> list[tuple[str, str]]:
    """All that the lead of a row goes by."""
    given = ((EXTERNAL_ID, row.external_id), (EMAIL, row.values.get("email")))
    named: list[tuple[str, str]] = []
    for lead_key, raw in given:
        with suppress(ValueError):
            value = lead_value(lead_key, raw) if isinstance(raw, str) else None
            named += [(lead_key, value)] if value else []
    return named
