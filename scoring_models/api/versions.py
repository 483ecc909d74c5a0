"""/api/v1/versions/: drafts from a text or from a version, what a version says, and how two differ."""

from typing import Any

from django.utils.translation import gettext as _

from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Digits, LongText, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import drafts
from scoring_models.api.finding import ShownVersion, find_version, shown_version, version_tag
from scoring_models.api.shown import DiffShown, VersionDetail, VersionShown
from scoring_models.diff import diff
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import InvalidVersion, parse, spec_of, to_yaml
from scoring_models.vocabulary import current_vocabulary

AUTHORS = (Role.MARKETING,)
SMALLEST = """format: 1
model: Example
bands:
  - {key: nurture, name: Nurture, from: null, worked_by: marketing}
  - {key: hot, name: Hot, from: 20, worked_by: sales}
rules:
  - {key: message, dimension: engagement, points: 40, signal: {types: [dm_received], window_days: 90}}
"""


class VersionsQuery(PageQuery):
    model = Digits(required=False, min_value=1, max_value=10**18 - 1, help_text="Of this model only.")


class DiffQuery(Body):
    old = Digits(
        required=False,
        min_value=1,
        max_value=10**18 - 1,
        help_text="The version to compare with; else the one that this one was made from.",
    )


class DraftBody(Body):
    text = LongText(allow_blank=True, help_text="YAML, as export gives it.")
    note = Text(required=False, allow_blank=True, max_length=2_000, help_text="What changes and why.")


@operation(scope=Scope.READ, query=VersionsQuery, gives=page_of(VersionShown))
def list_versions(call: Call) -> Listed:
    """The versions, the newest first."""
    found = ModelVersion.objects.select_related("model", "created_by", "submitted_by")
    if "model" in call.query:
        found = found.filter(model=call.query["model"])
    page = newest_first(found, call.query)
    return Listed([shown_version(version, at=call.at) for version in page.results], page.next)


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=DraftBody,
    gives=VersionShown,
    statuses=(201,),
    examples={"A small model": {"text": SMALLEST}},
)
def load_version(call: Call) -> Given:
    """Make a draft from a text.

    Everything that is wrong with the text is told, with its line.
    """
    draft = drafts.create(
        spec=_parsed(call.body["text"]), actor=call.user, at=call.at, note=call.body.get("note", "")
    )
    return _made(call, draft)


@operation(scope=Scope.READ, gives=VersionDetail)
def show_version(call: Call, version_id: int) -> Given:
    """One version, with who edited and reviewed it, and when it was live.

    The ETag covers where it stands.
    """
    version = find_version(version_id)
    one = shown_version(version, at=call.at)
    shown = {
        "version": version,
        "standing": one.standing,
        "state": one.state,
        "editors": [each.user for each in version.editors.select_related("user").order_by("pk")],
        "reviews": version.reviews.select_related("reviewer").order_by("-at", "-pk"),
        "activations": version.activations.select_related("activated_by").order_by("-starts_at"),
    }
    return Given(shown, headers={"ETag": version_tag(one)})


@operation(scope=Scope.MODELS_WRITE, roles=AUTHORS, statuses=(204,))
def discard_version(call: Call, version_id: int) -> None:
    """Remove a draft that nobody has reviewed."""
    drafts.discard(version=find_version(version_id), actor=call.user, at=call.at)


@operation(scope=Scope.MODELS_WRITE, roles=AUTHORS, gives=VersionShown, statuses=(201,))
def start_draft(call: Call, version_id: int) -> Given:
    """Make a draft with the rules of a version."""
    return _made(call, drafts.start_from(version=find_version(version_id), actor=call.user, at=call.at))


@operation(scope=Scope.READ, media_type="application/yaml")
def export_version(call: Call, version_id: int) -> str:
    """A version as text, from which a draft can be made."""
    return to_yaml(spec_of(find_version(version_id)))


@operation(scope=Scope.READ, query=DiffQuery, gives=DiffShown)
def compare_versions(call: Call, version_id: int) -> dict[str, Any]:
    """What is different in a version, in words."""
    new = find_version(version_id)
    old = find_version(call.query["old"]) if "old" in call.query else new.based_on
    if old is None or old.model_id != new.model_id:
        raise DomainError("version.not_found", _("There is no such version of this model to compare with."))
    found = diff(spec_of(old), spec_of(new), current_vocabulary())
    return {"old": old.pk, "new": new.pk, "diff": found, "lines": list(found.lines())}


def _made(call: Call, draft: ModelVersion) -> Given:
    one: ShownVersion = shown_version(find_version(draft.pk), at=call.at)
    return Given(one, headers={"Location": f"/api/v1/versions/{draft.pk}/"})


def _parsed(text: str) -> Spec:
    try:
        return parse(text)
    except InvalidVersion as refusal:
        faults = [Fault("/text", str(problem), "invalid_version") for problem in refusal.problems]
        raise Problem(422, refusal.code, refusal.sentence, faults) from refusal


versions = resource(get=list_versions, post=load_version)
version = resource(get=show_version, delete=discard_version)
draft = resource(post=start_draft)
export = resource(get=export_version)
changes = resource(get=compare_versions)
