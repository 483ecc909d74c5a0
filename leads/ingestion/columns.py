"""The columns of a file of leads: what each is mapped to, and the attributes that are made for them."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from leads.attributes import definitions, normal_text
from leads.ingestion.file_import import read_moment
from leads.ingestion.kinds import KindGuess
from leads.ingestion.mapping import Mapped, OutcomeColumn
from leads.ingestion.rows import LeadRow
from leads.ingestion.sources.table import Header, Line, TableFile, near
from leads.models import Attribute
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

EXTERNAL_ID, CREATED_AT, TEAM, OWNER = "external_id", "created_at", "team", "owner"
VALUES_AT = "values_at"
OF_THE_LEAD = frozenset({EXTERNAL_ID, CREATED_AT, VALUES_AT, TEAM, OWNER})
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


class LeadColumns:
    """Reads rows of leads by the mapping. `by_target` names the column of each target."""

    def __init__(
        self,
        mapping: Sequence[Mapped],
        header: Header,
        outcome: OutcomeColumn | None,
        missing: Collection[str],
    ) -> None:
        self.by_target = {one.target: one.column for one in mapping}
        self._positions = {one.target: header.position(one.column) for one in mapping}
        self._outcome = outcome
        self._outcome_position = header.position(outcome.column) if outcome else 0
        self._missing = missing

    def row(self, line: Line) -> LeadRow:
        """The row that a line is. Raises RowRefused."""
        cells = {target: self._given(line.cell(place)) for target, place in self._positions.items()}
        moments = {target: cells.pop(target, None) for target in (CREATED_AT, VALUES_AT)}
        read = {target: read_moment(target, cell) for target, cell in moments.items() if cell}
        return LeadRow(
            number=line.number,
            external_id=cells.pop(EXTERNAL_ID, None),
            created_at=read.get(CREATED_AT),
            values_at=read.get(VALUES_AT),
            team=cells.pop(TEAM, None),
            owner=cells.pop(OWNER, None),
            outcome=self._outcome.kind_of(line.cell(self._outcome_position)) if self._outcome else None,
            values=cells,
        )

    def _given(self, cell: str) -> str | None:
        return None if (normal_text(cell) or "") in self._missing else cell


def create_missing(
    mapping: Sequence[Mapped],
    file: TableFile,
    missing: Collection[str],
    *,
    allowed: bool,
    actor: User,
    at: datetime,
) -> dict[str, str]:
    """Make the attributes that columns are mapped to and that aren't there; their kinds by key.

    Raises DomainError where a target is unknown and none may be made.
    """
    known = definitions()
    check_identity(mapping)
    unknown = [one for one in mapping if one.target not in known and one.target not in OF_THE_LEAD]
    if not unknown:
        return {}
    if not allowed:
        raise _unknown(unknown, [*known, *sorted(OF_THE_LEAD)])
    for one in unknown:
        _check_key(one.target)
    kinds = _guess_kinds(unknown, file, missing)
    for one in unknown:
        attribute = Attribute.objects.create(key=one.target, label=one.column[:100], kind=kinds[one.target])
        record(action="attribute.created", target=attribute, actor=actor, at=at, kind=attribute.kind)
    return kinds


def check_identity(mapping: Sequence[Mapped]) -> None:
    """Raises DomainError where nothing tells the leads apart."""
    if not {EXTERNAL_ID, "email"} & {one.target for one in mapping}:
        raise DomainError(
            "mapping.identity",
            "Nothing tells which lead a row is about: map a column to external_id or to email.",
        )


def _unknown(unknown: Sequence[Mapped], keys: Sequence[str]) -> DomainError:
    named = ", ".join(f"{one.target}{near(one.target, keys)}" for one in unknown)
    return DomainError(
        "mapping.attribute", f"There is no attribute {named}. Correct the name, or have it made."
    )


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise DomainError(
            "mapping.key",
            f"“{key}” can't be an attribute: use small letters, digits and _, a letter first, at most 60.",
        )


def _guess_kinds(unknown: Sequence[Mapped], file: TableFile, missing: Collection[str]) -> dict[str, str]:
    """Reads the file once, all of it."""
    guesses = [(KindGuess(), file.header.position(one.column)) for one in unknown]
    for line in file.lines():
        if line.problem:
            continue
        for guess, position in guesses:
            cell = line.cell(position)
            if (normal_text(cell) or "") not in missing:
                guess.see(cell)
    return {one.target: guess.kind.value for one, (guess, _) in zip(unknown, guesses, strict=True)}
