"""To whom a row's lead goes: whom the row names, or the import; else a new lead is routed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

from leads.attributes import check_text
from leads.ingestion.records import LeadRecord
from leads.ingestion.rows import LeadRow, RowRefused
from leads.routing import Assignment, Router, find_owner, find_team
from leads.text import quoted
from leadscoring.errors import DomainError


@dataclass(frozen=True, slots=True)
class Named:
    """The team and owner that a source names; None where it names none."""

    team_id: int | None = None
    owner_id: int | None = None


class Assigner:
    """Assigns leads for the length of one transaction."""

    def __init__(self, default: Named) -> None:
        self._default = default
        self._team_id = cache(lambda name: find_team(name).pk)
        self._owner_id = cache(lambda text: find_owner(text).pk)

    @cached_property
    def _router(self) -> Router:
        return Router()

    def named(self, row: LeadRow) -> Named:
        """Whom this row names, else the import does. Raises RowRefused where the two don't go together."""
        team_id = _found("team", row.team, self._team_id)
        owner_id = _found("owner", row.owner, self._owner_id)
        named = self._default if team_id is None and owner_id is None else Named(team_id, owner_id)
        if named.owner_id is not None:
            self._check(named.owner_id, named.team_id)
        return named

    def assign(self, lead: LeadRecord, named: Named, *, is_new: bool) -> None:
        """Set the lead's team and owner. One that is known keeps its own where nobody is named.

        Raises DomainError `team.none` where no team would get it.
        """
        if named.team_id is not None and named.owner_id is not None:
            lead.team_id, lead.owner_id = named.team_id, named.owner_id
        elif named.team_id is not None:
            self._to_team(lead, named.team_id, is_new=is_new)
        elif named.owner_id is not None:
            self._to_owner(lead, named.owner_id)
        elif is_new:
            account_owner_id = lead.account.owner_id if lead.account else None
            self._set(lead, self._router.route(lead.routing_facts(), account_owner_id))

    def save_turns(self) -> None:
        if "_router" in self.__dict__:
            self._router.save_turns()

    def _to_team(self, lead: LeadRecord, team_id: int, *, is_new: bool) -> None:
        if is_new:
            self._set(lead, self._router.to_team(team_id))
        elif lead.team_id != team_id:
            lead.team_id = team_id
            if not self._router.is_member(lead.owner_id, team_id):
                lead.owner_id = None

    def _to_owner(self, lead: LeadRecord, owner_id: int) -> None:
        if lead.owner_id == owner_id:
            return
        lead.owner_id = owner_id
        if lead.team_id is None or not self._router.is_member(owner_id, lead.team_id):
            self._set(lead, self._router.to_owner(owner_id))

    def _set(self, lead: LeadRecord, assignment: Assignment) -> None:
        lead.team_id, lead.owner_id = assignment.team_id, assignment.owner_id

    def _check(self, owner_id: int, team_id: int | None) -> None:
        try:
            if team_id is None:
                self._router.to_owner(owner_id)
            elif not self._router.is_member(owner_id, team_id):
                raise RowRefused("owner", "The owner isn't in the team: add them to it, or name another.")
        except DomainError as error:
            raise RowRefused("owner", error.sentence) from None


def _found(column: str, text: str | None, find: Callable[[str], int]) -> int | None:
    if text is None or not text.strip():
        return None
    try:
        check_text(text)
        return find(text)
    except DomainError as error:
        raise RowRefused(column, error.sentence) from None
    except ValueError as error:
        raise RowRefused(column, f"“{quoted(text)}” {error}.") from None
