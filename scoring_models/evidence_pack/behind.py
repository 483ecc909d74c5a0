"""The leads behind the figures of frozen evidence: computed again, for who may see those leads."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol, TypeVar

from leads import access
from leads.ingestion.chunks import chunks
from leads.models import Lead
from leadscoring.people.models import User
from scoring_models.evaluation import LeadRange
from scoring_models.evidence_pack.backtest import Tested, is_missed, scored_before
from scoring_models.evidence_pack.impact import DIMENSIONS, Moved, Selection, moved_leads
from scoring_models.evidence_pack.packs import Pack
from scoring_models.models import ModelVersion
from scoring_models.past_cases import past_cases
from scoring_models.spec import Spec
from scoring_models.spec_text import thaw
from scoring_models.turns import asked_before

AT_ONCE = 500


class OfLead(Protocol):
    @property
    def lead_id(self) -> int: ...


Item = TypeVar("Item", bound=OfLead)


def moved(
    version: ModelVersion, pack: Pack, selection: Selection, *, user: User, after: int, most: int
) -> tuple[list[tuple[Lead, Moved]], bool]:
    """The first leads behind a count of moves whose ids are greater than `after`, and whether more follow."""
    return _first(user, _moved(version, pack, selection, after=after), most)


def all_moved(version: ModelVersion, pack: Pack, selection: Selection, *, user: User) -> list[Moved]:
    """All leads behind a count of moves that this person may see, in the order of their ids."""
    return _visible(user, _moved(version, pack, selection))


def missed(
    version: ModelVersion, pack: Pack, *, user: User, after: int, most: int
) -> tuple[list[tuple[Lead, Tested]], bool]:
    """The first won leads that the version would have left outside sales' bands, and whether more follow."""
    return _first(user, _missed(version, pack, after=after), most)


def all_missed(version: ModelVersion, pack: Pack, *, user: User) -> list[Tested]:
    """All won leads that the version would have left outside sales' bands and that this person may see."""
    return _visible(user, _missed(version, pack))


def group(pack: Pack, dimension: str, place: int) -> dict[str, Any] | None:
    """What of a `Selection` chooses a group of the evidence, by its place; None where there is no such."""
    groups = pack.content["moves"]["groups"].get(dimension, ())
    if dimension not in DIMENSIONS or place >= len(groups):
        return None
    one = groups[place]
    others = tuple(each["value"] for each in groups if each["value"] is not None) if one["others"] else None
    return {"dimension": dimension, "value": one["value"], "others": others}


def _moved(version: ModelVersion, pack: Pack, selection: Selection, *, after: int = 0) -> Iterator[Moved]:
    compared, as_of = pack.evidence.compared, pack.evidence.as_of
    live: Spec | None = thaw(compared.frozen) if compared else None
    earlier = asked_before(version.model, at=as_of)
    return moved_leads(
        live, thaw(version.frozen), selection, as_of=as_of, leads=LeadRange(after + 1), earlier=earlier
    )


def _missed(version: ModelVersion, pack: Pack, *, after: int = 0) -> Iterator[Tested]:
    spec, as_of = thaw(version.frozen), pack.evidence.as_of
    cases = [case for case in past_cases(until=as_of)[0] if case.won]
    scored = scored_before(spec, cases, asked_before(version.model, at=as_of))
    return (each for each in scored if is_missed(each, spec) and each.lead_id > after)


def _visible(user: User, found: Iterable[Item]) -> list[Item]:
    leads, seen = access.visible_leads(user), list[Item]()
    for some in chunks(found, AT_ONCE):
        ids = set(leads.filter(pk__in=[each.lead_id for each in some]).values_list("pk", flat=True))
        seen += [each for each in some if each.lead_id in ids]
    return seen


def _first(user: User, found: Iterable[Item], most: int) -> tuple[list[tuple[Lead, Item]], bool]:
    rows: list[tuple[Lead, Item]] = []
    visible = access.visible_leads(user).select_related("account", "owner")
    iterator = iter(found)
    while len(rows) <= most and (some := list(islice(iterator, AT_ONCE))):
        leads = visible.in_bulk([each.lead_id for each in some])
        rows += [(leads[each.lead_id], each) for each in some if each.lead_id in leads]
    return rows[:most], len(rows) > most
