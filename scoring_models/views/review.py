"""The page on which somebody who edited nothing decides: what changes, in words, and the evidence for it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.views.answers import answer, page_for, signed_in
from scoring_models.band_table import band_table
from scoring_models.diff import diff
from scoring_models.evidence_pack import packs
from scoring_models.evidence_pack.packs import Pack
from scoring_models.live import live_version
from scoring_models.models import Evidence, ModelVersion, VersionState
from scoring_models.spec_text import spec_of, thaw
from scoring_models.turns import asked_before
from scoring_models.views.evidence import EVIDENCE_READERS, evidence_context
from scoring_models.views.version import find, steps_context
from scoring_models.vocabulary import current_vocabulary


@page_for(*EVIDENCE_READERS)
def review(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    # Asked first: evidence that is finished meanwhile is then still awaited, and loads the page anew.
    awaited = _awaited(version)
    pack = shown_evidence(version)
    context = {
        "version": version,
        "last_return": version.reviews.filter(decision="return").order_by("-at").first(),
        **steps_context(version, signed_in(request)),
        **(evidence_context(version, pack) | _compared(version, pack) if pack else _by_now(version)),
        **_under_way(version, awaited, pack),
        "may_see_leads": access.sees_all(signed_in(request)),
    }
    return answer(request, "scoring_models/review.html", context)


@page_for(*EVIDENCE_READERS)
def progress(request: HttpRequest, version_id: int) -> HttpResponse:
    """How far the evidence is; htmx asks again until it is whole, and then loads the page anew."""
    version = find(version_id)
    under_way = _under_way(version, _awaited(version), shown_evidence(version))
    response = answer(request, "scoring_models/evidence/progress.html", {"version": version, **under_way})
    if not under_way["is_computed"]:
        response["HX-Refresh"] = "true"
    return response


def shown_evidence(version: ModelVersion) -> Pack | None:
    """The evidence that the page shows: what the approval rests on; where there is none, the newest."""
    if version.state == VersionState.APPROVED:
        return packs.seen_at_approval(version)
    return packs.newest(version) if version.state != VersionState.DRAFT else None


def _by_now(version: ModelVersion) -> dict[str, Any]:
    """What there is to say without evidence: of a draft, or of one that went live without approval."""
    spec, compared, now = spec_of(version), _compared_with(version), timezone.now()
    before = thaw(compared.frozen) if compared else None
    return {
        "compared": compared,
        "diff": diff(before, spec, current_vocabulary()) if before else None,
        "total_rules": len(spec.enabled_rules),
        "table": band_table(before, spec, at=now, earlier=asked_before(version.model, at=now)),
    }


def _compared(version: ModelVersion, pack: Pack) -> dict[str, Any]:
    live = live_version(version.model, at=timezone.now())
    waits = version.state == VersionState.IN_REVIEW
    overtaken = waits and live is not None and live.pk != pack.evidence.compared_id
    return {"compared": pack.evidence.compared, "overtaken_by": live if overtaken else None}


def _awaited(version: ModelVersion) -> Evidence | None:
    return packs.latest_request(version) if version.state == VersionState.IN_REVIEW else None


def _under_way(version: ModelVersion, request: Evidence | None, pack: Pack | None) -> dict[str, Any]:
    """Whether evidence is being computed, how far that is, or why it failed."""
    waits = version.state == VersionState.IN_REVIEW
    is_computed = request is not None and not request.failed and request.finished_at is None
    done = len(request.parts) if request and is_computed else 0
    return {
        "is_computed": is_computed,
        "parts_done": done,
        "parts": packs.part_count(),
        "now_computing": _now_computing(done),
        "evidence_failed": request.failed if request and request.failed else "",
        "evidence_missing": waits and pack is None and request is None,
        "may_ask_again": waits and not is_computed,
    }


def _now_computing(done: int) -> str:
    steps = (
        _("what changes"),
        _("what changes"),
        _("where leads move"),
        _("past outcomes"),
        _("rule health"),
        _("golden leads"),
    )
    return steps[min(done, len(steps) - 1)]


def _compared_with(version: ModelVersion) -> ModelVersion | None:
    """The live version; for the live one itself, what it was based on."""
    live = live_version(version.model, at=timezone.now())
    return version.based_on if live is None or live.pk == version.pk else live
