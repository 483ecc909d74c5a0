"""The lists behind the figures of frozen evidence: computed again, for who may see those leads."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from leads import access
from leads.models import Lead
from leads.views.answers import answer, page_for, signed_in
from leadscoring.people.models import User
from scoring_models.evaluation import LeadRange
from scoring_models.evidence_pack import packs
from scoring_models.evidence_pack.backtest import is_missed, scored_before
from scoring_models.evidence_pack.impact import DIMENSIONS, Selection, moved_leads
from scoring_models.evidence_pack.packs import Pack
from scoring_models.models import ModelVersion
from scoring_models.past_cases import past_cases
from scoring_models.spec import Spec
from scoring_models.spec_text import thaw
from scoring_models.turns import asked_before
from scoring_models.views.band_names import BandName
from scoring_models.views.evidence import EVIDENCE_READERS
from scoring_models.views.groups import group_name
from scoring_models.views.version import find

PAGE_SIZE = 50
AT_ONCE = 500
DIRECTIONS = ("up", "down", "any", "in", "out")
QUEUES = ("now", "then", "new")


@page_for(*EVIDENCE_READERS)
def moves(request: HttpRequest, version_id: int, evidence_id: int) -> HttpResponse:
    """The leads behind one count of moves, those of them that this person may see."""
    version, pack = _found(version_id, evidence_id)
    about = pack.content["about"]
    selection, said = _selection(request.GET, pack)
    live, spec = _specs(version, pack)
    after = _number(request.GET, "after") or 0
    earlier = asked_before(version.model, at=_as_of(pack))
    leads = LeadRange(after + 1)
    found = moved_leads(live, spec, selection, as_of=_as_of(pack), leads=leads, earlier=earlier)
    rows, more = _first_page(signed_in(request), found)
    context = {
        "version": version,
        "pack": pack.evidence,
        "said": said,
        "rows": [
            {
                "lead": lead,
                "was": None if moved.was is None else _band(about["live_bands"], moved.was),
                "becomes": None if moved.becomes is None else _band(about["bands"], moved.becomes),
            }
            for lead, moved in rows
        ],
        "next": rows[-1][0].pk if more else None,
    }
    return answer(request, "scoring_models/evidence/moves.html", context)


@page_for(*EVIDENCE_READERS)
def missed(request: HttpRequest, version_id: int, evidence_id: int) -> HttpResponse:
    """The won leads that the version would have left outside sales' bands."""
    version, pack = _found(version_id, evidence_id)
    _live, spec = _specs(version, pack)
    cases = [case for case in past_cases(until=_as_of(pack))[0] if case.won]
    after = _number(request.GET, "after") or 0
    scored = scored_before(spec, cases, asked_before(version.model, at=_as_of(pack)))
    found = [each for each in scored if is_missed(each, spec) and each.lead_id > after]
    rows, more = _first_page(signed_in(request), found)
    context = {
        "version": version,
        "pack": pack.evidence,
        "rows": [
            {"lead": lead, "tested": tested, "becomes": _band(pack.content["about"]["bands"], tested.band)}
            for lead, tested in rows
        ],
        "next": rows[-1][0].pk if more else None,
    }
    return answer(request, "scoring_models/evidence/missed.html", context)


class OfLead(Protocol):
    @property
    def lead_id(self) -> int: ...


Item = TypeVar("Item", bound=OfLead)


def _first_page(user: User, found: Iterable[Item]) -> tuple[list[tuple[Lead, Item]], bool]:
    """The first leads of those that this user may see, and whether more follow."""
    rows: list[tuple[Lead, Item]] = []
    visible = access.visible_leads(user).select_related("account", "owner")
    iterator = iter(found)
    while len(rows) <= PAGE_SIZE and (some := list(islice(iterator, AT_ONCE))):
        leads = visible.in_bulk([each.lead_id for each in some])
        rows += [(leads[each.lead_id], each) for each in some if each.lead_id in leads]
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def _found(version_id: int, evidence_id: int) -> tuple[ModelVersion, Pack]:
    """The version and whole evidence about it. Raises Http404."""
    version = find(version_id)
    pack = packs.find(version, evidence_id)
    if pack is None:
        raise Http404
    return version, pack


def _specs(version: ModelVersion, pack: Pack) -> tuple[Spec | None, Spec]:
    """The live version of then, and the one that the evidence is about."""
    compared = pack.evidence.compared
    return thaw(compared.frozen) if compared else None, thaw(version.frozen)


def _selection(query: QueryDict, pack: Pack) -> tuple[Selection, str]:
    """What the address asks for, and in words. Raises Http404 where the evidence has no such figure."""
    about = pack.content["about"]
    was, becomes = _rank(query, "was", about["live_bands"]), _rank(query, "becomes", about["bands"])
    moved = query.get("moved", "")
    queue = query.get("queue", "")
    if moved not in ("", *DIRECTIONS) or queue not in ("", *QUEUES):
        raise Http404
    words = {
        "up": _("leads that move up"),
        "down": _("leads that move down"),
        "any": _("leads that move"),
        "in": _("leads that come from other models"),
        "out": _("leads that go to other models"),
        "": _("leads"),
    }[moved]
    said = [words.capitalize()]
    if was is not None:
        said.append(_("from %(band)s") % {"band": about["live_bands"][was]["name"]})
    if becomes is not None:
        said.append(_("to %(band)s") % {"band": about["bands"][becomes]["name"]})
    if queue:
        said.append(
            {
                "now": _("in sales' queue now"),
                "then": _("in sales' queue then"),
                "new": _("new in sales' queue"),
            }[queue]
        )
    group, name = _group(query, pack)
    said += [f"({name})"] if name else []
    return Selection(was, becomes, moved, queue=queue, **group), " ".join(said)


def _group(query: QueryDict, pack: Pack) -> tuple[dict[str, Any], str]:
    dimension, place = query.get("by", ""), _number(query, "group")
    if not dimension:
        return {}, ""
    groups = pack.content["moves"]["groups"].get(dimension, ())
    if dimension not in DIMENSIONS or place is None or place >= len(groups):
        raise Http404
    group = groups[place]
    others = tuple(each["value"] for each in groups if each["value"] is not None) if group["others"] else None
    chosen = {"dimension": dimension, "value": group["value"], "others": others}
    return chosen, group_name(dimension, group, pack.content["moves"])


def _rank(query: QueryDict, name: str, bands: Sequence[Mapping[str, Any]]) -> int | None:
    rank = _number(query, name)
    if rank is not None and rank >= len(bands):
        raise Http404
    return rank


def _number(query: QueryDict, name: str) -> int | None:
    """A number of the address; None where it isn't there. Raises Http404 where it is none."""
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _band(bands: Sequence[Mapping[str, Any]], rank: int) -> BandName:
    return BandName(rank, bands[rank]["name"], bands)


def _as_of(pack: Pack) -> datetime:
    return pack.evidence.as_of
