"""The columns of a file of signals, and what each is mapped to."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from leads.attributes import check_indexed, check_text
from leads.ingestion.file_import import read_moment
from leads.ingestion.identity import lead_value
from leads.ingestion.mapping import Mapped
from leads.ingestion.rows import MOST_AHEAD, RowRefused, SignalRow
from leads.ingestion.signal_types import type_key
from leads.ingestion.sources.table import Header, Line, TableFile, near
from leads.text import quoted
from leadscoring.errors import DomainError

LEAD, TYPE, OCCURRED_AT, MESSAGE_ID, PROPERTY = "lead", "type", "occurred_at", "message_id", "property."
TARGETS = (LEAD, TYPE, OCCURRED_AT, MESSAGE_ID)


class SignalColumns:
    """Reads rows of signals by the mapping. `type_name` is for rows that name no type, `now` the moment of
    the import.
    """

    def __init__(
        self,
        mapping: Sequence[Mapped],
        header: Header,
        *,
        lead_key: str,
        type_name: str | None,
        zone: tzinfo,
        now: datetime,
    ) -> None:
        type_name = (type_name or "").strip() or None
        _check(mapping, type_name)
        self.by_target = {one.target: one.column for one in mapping}
        self._positions = {one.target: header.position(one.column) for one in mapping}
        self._properties = [target for target in self._positions if target.startswith(PROPERTY)]
        self._lead_key = lead_key
        self._type_name = type_name
        self._zone = zone
        self._latest = now + MOST_AHEAD

    def row(self, line: Line) -> SignalRow:
        """The row that a line is. Raises RowRefused."""
        properties = {target.removeprefix(PROPERTY): self._cell(line, target) for target in self._properties}
        return SignalRow(
            number=line.number,
            lead_key=self._lead_key,
            lead_value=self._lead(line),
            type_key=type_key(self._type(line)),
            occurred_at=self._occurred_at(line),
            message_id=self._message_id(line),
            properties={name: value for name, value in properties.items() if value.strip()},
        )

    def type_names(self, file: TableFile) -> list[str]:
        """Every type that the file names, in order. Reads all of it."""
        named = {self._type_name or "": None}
        if TYPE in self._positions:
            for line in file.lines():
                if not line.problem:
                    named.setdefault(line.cell(self._positions[TYPE]).strip())
        return [name for name in named if name and "\0" not in name]

    def _lead(self, line: Line) -> str:
        try:
            value = lead_value(self._lead_key, self._needed(line, LEAD))
        except ValueError as error:
            raise RowRefused(LEAD, f"The lead's key {error}.") from None
        if value is None:
            raise RowRefused(LEAD, "It doesn't say whose signal this is.")
        return value

    def _occurred_at(self, line: Line) -> datetime:
        cell = self._needed(line, OCCURRED_AT)
        moment = read_moment(OCCURRED_AT, cell, self._zone)
        if moment > self._latest:
            raise RowRefused(
                OCCURRED_AT,
                f"“{quoted(cell)}” is more than 24 hours ahead: correct it, or import it once it happened.",
            )
        return moment

    def _type(self, line: Line) -> str:
        named = self._cell(line, TYPE).strip() if TYPE in self._positions else ""
        if not named and self._type_name is None:
            raise RowRefused(TYPE, "It doesn't say what happened: give a type, or name one for rows without.")
        return named or self._type_name or ""

    def _message_id(self, line: Line) -> str | None:
        if MESSAGE_ID not in self._positions:
            return None
        message_id = self._cell(line, MESSAGE_ID).strip()
        try:
            check_indexed(message_id)
        except ValueError as error:
            raise RowRefused(MESSAGE_ID, f"The message id {error}.") from None
        return message_id or None

    def _needed(self, line: Line, target: str) -> str:
        cell = self._cell(line, target)
        if not cell.strip():
            raise RowRefused(target, "This must not be empty.")
        return cell

    def _cell(self, line: Line, target: str) -> str:
        cell = line.cell(self._positions[target])
        try:
            check_text(cell)
        except ValueError as error:
            raise RowRefused(target, f"The value {error}.") from None
        return cell


def _check(mapping: Sequence[Mapped], type_name: str | None) -> None:
    """Raises DomainError where the mapping doesn't make signals."""
    targets = {one.target for one in mapping}
    for target in sorted(targets):
        is_property = target.startswith(PROPERTY) and len(target) > len(PROPERTY)
        if target not in TARGETS and not is_property:
            raise _unknown(target)
    for target in (LEAD, OCCURRED_AT):
        if target not in targets:
            raise DomainError("mapping.missing", f"Map a column to {target}.")
    if TYPE not in targets and type_name is None:
        raise DomainError("mapping.missing", "Map a column to type, or name one type for all rows.")


def _unknown(target: str) -> DomainError:
    return DomainError(
        "mapping.unknown",
        f"A signal has no {target}{near(target, TARGETS)}: map to {', '.join(TARGETS)} or {PROPERTY}NAME.",
    )
