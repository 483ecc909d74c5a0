"""The lists behind the figures of frozen evidence: computed again, for who may see those leads."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.exporting import export_told
from leads.spreadsheets.writing import Cells
from leads.views.answers import answer, page_for, signed_in
from leads.views.files import as_file
from scoring_models.evidence_pack import behind, packs
from scoring_models.evidence_pack.impact import Selection
from scoring_models.evidence_pack.packs import Pack
from scoring_models.models import ModelVersion
from scoring_models.views.band_names import BandName
from scoring_models.views.evidence import EVIDENCE_READERS
from scoring_models.views.groups import group_name
from scoring_models.views.version import find

PAGE_SIZE = 50
DIRECTIONS = ("up", "down", "any", "in", "out")
QUEUES = ("now", "then", "new")


@page_for(*EVIDENCE_READERS)
def moves(request: HttpRequest, version_id: int, evidence_id: int) -> HttpResponse:
    """The leads behind one count of moves, those of them that this person may see."""
    version, pack = _found(version_id, evidence_id)
    about = pack.content["about"]
    selection, said = _selection(request.GET, pack)
    after = _number(request.GET, "after") or 0
    rows, more = behind.moved(version, pack, selection, user=signed_in(request), after=after, most=PAGE_SIZE)
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
    after = _number(request.GET, "after") or 0
    rows, more = behind.missed(version, pack, user=signed_in(request), after=after, most=PAGE_SIZE)
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


@page_for(*EVIDENCE_READERS)
def moves_export(request: HttpRequest, version_id: int, evidence_id: int) -> HttpResponseBase:
    """All leads behind one count of moves, in columns that an import takes back, with both bands."""
    version, pack = _found(version_id, evidence_id)
    selection, _said = _selection(request.GET, pack)
    live_bands, bands = pack.content["about"]["live_bands"], pack.content["about"]["bands"]
    told = {
        one.lead_id: (_name(live_bands, one.was), _name(bands, one.becomes))
        for one in behind.all_moved(version, pack, selection, user=signed_in(request))
    }
    return _file(request, f"moves-{version.number}", told, ("band_now", "band_then"))


@page_for(*EVIDENCE_READERS)
def missed_export(request: HttpRequest, version_id: int, evidence_id: int) -> HttpResponseBase:
    """All wins missed, in columns that an import takes back, with the score and band that they had then."""
    version, pack = _found(version_id, evidence_id)
    bands = pack.content["about"]["bands"]
    told = {
        one.lead_id: (one.total, _name(bands, one.band), one.case.moment.astimezone(UTC))
        for one in behind.all_missed(version, pack, user=signed_in(request))
    }
    return _file(request, f"missed-{version.number}", told, ("score_then", "band_then", "scored_as_of"))


def _file(
    request: HttpRequest, name: str, told: Mapping[int, Cells], heads: Sequence[str]
) -> HttpResponseBase:
    now = timezone.now()
    rows = export_told(told=told, heads=heads, actor=signed_in(request), at=now)
    return as_file(rows, name=f"{name}-{timezone.localdate(now)}", wanted=request.GET.get("format"))


def _found(version_id: int, evidence_id: int) -> tuple[ModelVersion, Pack]:
    """The version and whole evidence about it. Raises Http404."""
    version = find(version_id)
    pack = packs.find(version, evidence_id)
    if pack is None:
        raise Http404
    return version, pack


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
    chosen = None if place is None else behind.group(pack, dimension, place)
    if chosen is None:
        raise Http404
    told = pack.content["moves"]
    return chosen, group_name(dimension, told["groups"][dimension][place], told)


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


def _name(bands: Sequence[Mapping[str, Any]], rank: int | None) -> str | None:
    return None if rank is None else str(bands[rank]["name"])


def _band(bands: Sequence[Mapping[str, Any]], rank: int) -> BandName:
    return BandName(rank, bands[rank]["name"], bands)
