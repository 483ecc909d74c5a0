"""A version's page: its rules as sentences, bands, lists and history; its export; the progress of scoring."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from leads.views.answers import answer, page_for, signed_in
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import rescoring
from scoring_models.activation import planned
from scoring_models.evidence_pack import packs
from scoring_models.live import live_version
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, may
from scoring_models.rebase import is_stale
from scoring_models.sentences import sentence
from scoring_models.spec import Dimension, Spec
from scoring_models.spec_text import spec_of, to_yaml
from scoring_models.standing import standing
from scoring_models.views.agreed import agreed_context
from scoring_models.views.evidence import EVIDENCE_READERS, summary
from scoring_models.vocabulary import Vocabulary, current_vocabulary


def find(version_id: int) -> ModelVersion:
    """The version with what its pages name. Raises Http404."""
    versions = ModelVersion.objects.select_related("model", "based_on", "created_by", "submitted_by")
    version = versions.filter(pk=version_id).first()
    if version is None:
        raise Http404
    return version


@page_for(*Role)
def version_page(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    spec, words = spec_of(version), current_vocabulary()
    context = {
        "version": version,
        "spec": spec,
        "groups": rule_groups(spec, words),
        "reviews": version.reviews.select_related("reviewer").order_by("-at", "-pk"),
        "activations": version.activations.select_related("activated_by").order_by("-starts_at"),
        "rests_on": _rests_on(version),
        **agreed_context(version, spec, signed_in(request)),
        "may_read_evidence": signed_in(request).has_role(*EVIDENCE_READERS),
        **steps_context(version, signed_in(request)),
    }
    return answer(request, "scoring_models/version.html", context)


@page_for(*Role)
def export(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    response = HttpResponse(to_yaml(spec_of(version)), content_type="application/yaml; charset=utf-8")
    name = f"{slugify(version.model.name) or 'model'}-version-{version.number}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page_for(*Role)
def progress(request: HttpRequest, version_id: int) -> HttpResponse:
    """How far scoring all leads with the version is; htmx asks again until it is over."""
    version = find(version_id)
    may_stop = may(signed_in(request), Step.ACTIVATE)
    context = {"version": version, "run": last_run(version), "may_stop": may_stop}
    return answer(request, "scoring_models/progress.html", context)


def _rests_on(version: ModelVersion) -> dict[str, Any] | None:
    """The figures of the evidence that the version's approval rests on."""
    pack = packs.seen_at_approval(version)
    return summary(pack) if pack else None


def rule_groups(spec: Spec, words: Vocabulary) -> list[dict[str, Any]]:
    """The rules of each dimension with their sentences, and its limits."""
    return [
        {
            "dimension": dimension,
            "limits": spec.limits(dimension),
            "rules": [(rule, sentence(rule, words)) for rule in spec.rules if rule.dimension is dimension],
        }
        for dimension in Dimension
    ]


def steps_context(version: ModelVersion, user: User) -> dict[str, Any]:
    """What this user may do with the version now; the verbs decide it again."""
    now = timezone.now()
    stands = standing(version, at=now)
    is_draft, waits = version.state == VersionState.DRAFT, version.state == VersionState.IN_REVIEW
    overtaken = is_stale(version, at=now)
    editors = [editor.user for editor in version.editors.select_related("user").order_by("pk")]
    return {
        "standing": stands,
        "editors": editors,
        "run": last_run(version) if stands.is_live else None,
        "may_stop": may(user, Step.ACTIVATE),
        "plan": planned(version.model, at=now) if stands.starts_at or stands.until else None,
        "overtaken_by": live_version(version.model, at=now) if overtaken else None,
        "may_bring_over": overtaken and (may(user, Step.DRAFT) or may(user, Step.ACTIVATE)),
        "soonest": now + timedelta(minutes=1),
        "edited_it": user in editors,
        "may_edit": is_draft and may(user, Step.DRAFT),
        "may_submit": is_draft and not overtaken and may(user, Step.SUBMIT),
        "may_draft": may(user, Step.DRAFT),
        "may_test": may(user, Step.TEST),
        "may_withdraw": waits and may(user, Step.SUBMIT),
        "may_review": waits and may(user, Step.REVIEW) and user not in editors,
        "may_call_off": stands.starts_at is not None and may(user, Step.ACTIVATE),
        "may_activate": version.state == VersionState.APPROVED
        and not (stands.was_live or overtaken)
        and may(user, Step.ACTIVATE),
        "may_go_back": stands.was_live and not stands.is_live and may(user, Step.ACTIVATE),
    }


def last_run(version: ModelVersion) -> dict[str, Any] | None:
    """The latest run that scores all leads with the version, and how far it is."""
    run = version.runs.order_by("-pk").first()
    if run is None:
        return None
    done = rescoring.progress(run)
    return {"run": run, "progress": done, "percent": 100 * done.done // done.total if done.total else 100}
