"""Saving one chunk of leads inside its transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from leads.assigning import assigning
from leads.attributes import read_value
from leads.ingestion.accounts import Accounts
from leads.ingestion.assignment import Assigner, Named
from leads.ingestion.history import Dated, keep, received, split
from leads.ingestion.identity import external_id
from leads.ingestion.locks import lock_arrivals
from leads.ingestion.people import People
from leads.ingestion.records import LeadRecord
from leads.ingestion.rows import LeadRow, Refusal, RowRefused
from leads.ingestion.told import Told, read_values
from leads.ingestion.waiting import attach_waiting
from leads.ingestion.writing import write_accounts, write_leads, write_outcomes
from leads.models import Assigned, Attribute, Cause
from leads.stale import mark_accounts_stale, mark_stale
from leadscoring.people.models import User


@dataclass(slots=True)
class LeadsResult:
    """What became of rows. Each counts once: created, updated, unchanged or refused.

    `attached` signals had been waiting for these leads. `company_conflicts` counts values of a company that
    differ from what an earlier row of the same import said of it; the earlier one stays.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    attached: int = 0
    company_conflicts: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, other: "LeadsResult") -> None:
        self.read += other.read
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.attached += other.attached
        self.company_conflicts += other.company_conflicts
        self.refusals += other.refusals


@dataclass(slots=True)
class Job:
    """What holds for all chunks of one import.

    `accounts_told` are, by account id, the attributes that earlier chunks told of.
    """

    definitions: Mapping[str, Attribute]
    at: datetime
    actor: User
    source: str | None
    told_by: str
    named: Named
    accounts_told: dict[int, set[str]] = field(default_factory=dict)

    def default_source(self) -> Told:
        """What a new lead is told that names no source."""
        told = Told()
        attribute = self.definitions["source"]
        value = read_value(attribute, self.source)
        if value is not None:
            told.add(attribute, value)
        return told


@dataclass(frozen=True, slots=True)
class Piece:
    """A saved chunk."""

    result: LeadsResult
    accounts_told: Mapping[int, set[str]]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row that has been read."""

    row: LeadRow
    external_id: str | None
    email: str | None
    person: Told
    company: Told
    named: Named


@dataclass(frozen=True, slots=True)
class _Applied:
    """What a row did: whether it made its lead, and whether it had news of the person or the company.

    `dated` is what it tells of the person that has a time of its own.
    """

    lead: LeadRecord
    made: bool
    person_news: bool
    company_news: bool
    dated: Dated | None

    def is_kept(self, kept: Set[tuple[str, int]]) -> bool:
        """Whether what it dates is news of its lead or account."""
        account = self.lead.account
        owners = {("lead", self.lead.id), ("account", account.id if account else None)}
        return self.dated is not None and not owners.isdisjoint(kept)


def save_chunk(job: Job, rows: Sequence[LeadRow]) -> Piece:
    """Save these rows. Call it in a transaction of its own."""
    lock_arrivals(alone=False)
    assigner = Assigner(job.named)
    result = LeadsResult(read=len(rows))
    ready = list(_read(rows, job, assigner, result.refusals))
    people, accounts = _fetch(job, ready)
    applied = list(_apply_all(ready, job, people, accounts, assigner, result.refusals))
    kept = _write(job, people, accounts, [one.dated for one in applied if one.dated])
    assigner.save_turns()
    _count(result, applied, accounts, kept)
    result.attached = attach_waiting(
        (lead.id, *lead.newly_known_as()) for lead in people.changed() if lead.id is not None
    )
    told = {account.id: account.told for account in accounts.records if account.id is not None}
    return Piece(result, told)


def _read(rows: Iterable[LeadRow], job: Job, assigner: Assigner, refusals: list[Refusal]) -> Iterator[_Ready]:
    for row in rows:
        try:
            person, company = read_values(row.values, job.definitions)
            email = person.columns.get("email")
            yield _Ready(
                row=row,
                external_id=_external_id(row),
                email=str(email) if email else None,
                person=person,
                company=company,
                named=assigner.named(row),
            )
        except RowRefused as refused:
            refusals.append(refused.at(row.number))


def _external_id(row: LeadRow) -> str | None:
    try:
        return external_id(row.external_id) if row.external_id else None
    except ValueError as error:
        raise RowRefused("external_id", f"The external id {error}.") from None


def _fetch(job: Job, ready: Collection[_Ready]) -> tuple[People, Accounts]:
    """Lock what the rows are about, leads before accounts and each by id, so that imports don't cross."""
    people, accounts = People(), Accounts(job.accounts_told)
    people.fetch(
        {one.external_id for one in ready if one.external_id}, {one.email for one in ready if one.email}
    )
    companies = [one.company for one in ready if one.company.display]
    leads = (*people.records, *people.absorbed())
    current = {lead.account_id for lead in leads if lead.account_id} if companies else set()
    accounts.fetch(companies, current)
    return people, accounts


def _apply_all(
    ready: Iterable[_Ready],
    job: Job,
    people: People,
    accounts: Accounts,
    assigner: Assigner,
    refusals: list[Refusal],
) -> Iterator[_Applied]:
    default_source = job.default_source()
    for one in ready:
        try:
            lead = people.find_or_make(one.external_id, one.email)
        except RowRefused as refused:
            refusals.append(refused.at(one.row.number))
            continue
        made = lead.created_at is None
        before = lead.state()
        since = None if made else one.row.values_at
        own = people.own(one.external_id, one.email)
        if own is not None and own is not lead:
            yield _tell_as(own, lead, one, accounts, job)
            continue
        person = one.person if own is None else split(one.person)[1]
        dated = _learn(lead, person, since)
        company_news = accounts.tell(lead, one.company, since)
        lead.created_at = one.row.created_at or lead.created_at or job.at
        lead.outcome = one.row.outcome or lead.outcome
        if made and "source" not in lead.attributes:
            lead.learn(default_source)
        assigner.assign(lead, one.named, is_new=made)
        yield _Applied(lead, made, lead.state() != before, company_news, dated)


def _tell_as(own: LeadRecord, lead: LeadRecord, one: _Ready, accounts: Accounts, job: Job) -> _Applied:
    """Tell a lead what a row says of one that it absorbed, by whose key it came: its values, and its end.

    By whom it is known, where it belongs and who works it is not for such a row to say. The values are
    marked, so that they go to where they belong if the merge is undone.
    """
    before, since = lead.state(), one.row.values_at
    _, told = split(one.person)
    if since is None:
        told = told.without([key for key, given in told.display.items() if lead.attributes.get(key) == given])
    company_news = accounts.tell(own, one.company, since)
    lead.outcome = one.row.outcome or lead.outcome
    dated = Dated(lead, told, since or job.at, told_as=own.id)
    return _Applied(lead, False, lead.state() != before, company_news, dated)


def _learn(lead: LeadRecord, told: Told, since: datetime | None) -> Dated | None:
    """Take over what counts from receipt; what holds since another moment is handed back."""
    if since is None:
        lead.learn(told)
        return None
    identity, rest = split(told)
    lead.learn(identity)
    return Dated(lead, rest, since)


def _write(job: Job, people: People, accounts: Accounts, dated: Sequence[Dated]) -> Set[tuple[str, int]]:
    """Write all; the leads and accounts whose history has more than before, as (entity, id)."""
    received(at=job.at, told_by=job.told_by)
    changed_accounts = write_accounts(accounts.records, at=job.at)
    changed = people.changed()
    moved = {
        lead.id: lead.account_id
        for lead in changed
        if lead.id and lead.account_id and lead.account and lead.account.id != lead.account_id
    }
    closed = [lead for lead in changed if lead.outcome_is_news()]
    with assigning(actor=job.actor, why=Assigned.IMPORT, at=job.at):
        write_leads(changed, at=job.at)
    write_outcomes(closed, actor_id=job.actor.pk, at=job.at)
    kept = keep("lead", dated, at=job.at), keep("account", accounts.dated, at=job.at)
    stale = {lead.id for lead in changed if lead.id is not None} | kept[0]
    if stale:
        mark_stale(stale, Cause.ATTRIBUTE)
    if moved:
        mark_stale(moved, Cause.ACCOUNT)
    # Whom somebody left may be scored by what colleagues do.
    if stale_accounts := {*changed_accounts, *kept[1], *moved.values()}:
        mark_accounts_stale(stale_accounts)
    return {(entity, pk) for entity, ids in zip(("lead", "account"), kept, strict=True) for pk in ids}


def _count(
    result: LeadsResult, applied: Iterable[_Applied], accounts: Accounts, kept: Set[tuple[str, int]]
) -> None:
    """A row of a lead that ends as it began was no news, whatever the rows said in between."""
    for one in applied:
        if one.made:
            result.created += 1
        elif one.company_news or (one.person_news and one.lead.is_changed()) or one.is_kept(kept):
            result.updated += 1
        else:
            result.unchanged += 1
    result.company_conflicts = accounts.conflicts
