"""What a version says, part by part, and editing a draft: the parts of the text form (docs/scoring.md §8)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from rest_framework import serializers

from leadscoring.api.bodies import Body
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Part, Text, YesNo
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from scoring_models import drafts, hits
from scoring_models.api.finding import find_version
from scoring_models.api.versions import AUTHORS
from scoring_models.balance import balance
from scoring_models.live_preview import current
from scoring_models.locks import locked
from scoring_models.models import ModelVersion
from scoring_models.spec import Spec
from scoring_models.spec_text import InvalidVersion, read, spec_of
from scoring_models.spec_text.rows import version_data
from scoring_models.vocabulary import current_vocabulary

PARTS = ("audience", "floor", "ceiling", "dimensions", "lists", "bands", "rules", "golden")
MESSAGE = {
    "key": "message",
    "dimension": "engagement",
    "points": 45,
    "signal": {"types": ["dm_received"], "window_days": 90},
}


class RowsBody(Body):
    """Each part that is named is replaced as a whole; the others stay. Written as in the text form."""

    note = Text(required=False, allow_blank=True, max_length=2_000, help_text="What changes and why.")
    audience = Part(required=False, help_text="Attribute conditions that must all hold.")
    floor = Part(required=False, help_text="Of the total; null for none.")
    ceiling = Part(required=False)
    dimensions = Part(required=False, help_text="`cap` and `floor` of `engagement` and of `fit`.")
    lists = Part(required=False, help_text="Named lists that rules use.")
    bands = Part(required=False, help_text="The lowest first.")
    rules = Part(required=False, help_text="In their order.")
    golden = Part(required=False, help_text="Named examples with what is expected of them.")


class PreviewBody(RowsBody):
    again = YesNo(required=False, help_text="Count anew, though the last count is fresh.")


class RowsShown(serializers.Serializer[Any]):
    """The parts of the text form."""

    model = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    audience = serializers.ListField(child=serializers.DictField())
    floor = serializers.IntegerField(allow_null=True)
    ceiling = serializers.IntegerField(allow_null=True)
    dimensions = serializers.DictField(child=serializers.DictField())
    lists = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    bands = serializers.ListField(child=serializers.DictField())
    rules = serializers.ListField(child=serializers.DictField())
    golden = serializers.ListField(child=serializers.DictField())


class BandCountShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    now = serializers.IntegerField(allow_null=True, help_text="Null where the live version has no such band.")
    then = serializers.IntegerField(allow_null=True, help_text="Null where the draft has no such band.")


class MoveShown(serializers.Serializer[Any]):
    """Null is no band: of leads that another model scores."""

    before = serializers.CharField(source="before.key", default=None, allow_null=True)
    after = serializers.CharField(source="after.key", default=None, allow_null=True)
    leads = serializers.IntegerField()


class NumbersShown(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField(help_text="When the leads were counted.")
    leads = serializers.IntegerField(help_text="All there are.")
    others = serializers.IntegerField(help_text="That other models score.")
    moved = serializers.IntegerField(help_text="That come into another band.")
    bands = BandCountShown(many=True, source="table.rows")
    moves = MoveShown(many=True, help_text="The largest first.")
    fired = serializers.DictField(
        child=serializers.IntegerField(), help_text="For how many leads each rule counts."
    )


class BalanceShown(serializers.Serializer[Any]):
    engagement = serializers.IntegerField(help_text="The possible score, after the cap.")
    fit = serializers.IntegerField()
    engagement_share = serializers.IntegerField(allow_null=True, help_text="In percent.")
    is_good = serializers.BooleanField(help_text="Engagement has 60 to 70 % of the two.")


class PreviewShown(serializers.Serializer[Any]):
    """If this were live now. `numbers` are the last that were counted, null before the first."""

    numbers = NumbersShown(allow_null=True)
    counted = serializers.IntegerField(
        allow_null=True, help_text="How far a count under way is, in percent: ask again. Null where none is."
    )
    balance = BalanceShown()


@operation(scope=Scope.READ, gives=RowsShown)
def show_rows(call: Call, version_id: int) -> Given:
    """What a version says, part by part.

    The ETag covers all of it.
    """
    return _given(find_version(version_id))


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=RowsBody,
    gives=RowsShown,
    matches=True,
    examples={
        "A cap": {"dimensions": {"engagement": {"cap": 90, "floor": None}, "fit": {"cap": 40, "floor": 0}}},
        "All rules": {"note": "Messages count more.", "rules": [MESSAGE]},
    },
)
def edit_rows(call: Call, version_id: int) -> Given:
    """Edit a draft: replace parts of what it says.

    Everything that is wrong with the whole is told, and then nothing is changed.
    """
    with transaction.atomic():
        version = locked(find_version(version_id))
        check_match(call.request, _given(version).headers["ETag"])
        spec = _with_parts(version, call.body)
        note = call.body.get("note", version.note)
        drafts.edit(version=version, spec=spec, note=note, actor=call.user, at=call.at)
    return _given(find_version(version_id))


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=PreviewBody,
    gives=PreviewShown,
    examples={"With one rule": {"rules": [MESSAGE]}},
)
def preview_draft(call: Call, version_id: int) -> Mapping[str, Any]:
    """What a draft would do if it were live now, with other parts where some are named.

    Nothing of the draft is written. Leads are counted a turn at a time: ask again while `counted` isn't null.
    """
    version = find_version(version_id)
    drafts.check_draft(version)
    spec = _with_parts(version, call.body)
    numbers, counting = current(version, spec, again=call.body.get("again", False))
    counted = hits.percent(counting) if counting else None
    return {"numbers": numbers, "counted": counted, "balance": balance(spec)}


def _given(version: ModelVersion) -> Given:
    data = {"note": version.note, **version_data(version)}
    return Given(data, headers={"ETag": etag_of([version.pk, data])})


def _with_parts(version: ModelVersion, parts: Mapping[str, Any]) -> Spec:
    """The spec of a version with these parts in place of its own. Raises Problem with all that is wrong."""
    named = {key: value for key, value in parts.items() if key in PARTS}
    if not named:
        return spec_of(version)
    try:
        return read(version_data(version) | named, current_vocabulary())
    except InvalidVersion as refusal:
        faults = [
            Fault("/" + "/".join(map(str, problem.path)), problem.sentence, "invalid_version")
            for problem in refusal.problems
        ]
        raise Problem(422, refusal.code, refusal.sentence, faults) from refusal


rows = resource(get=show_rows, patch=edit_rows)
preview = resource(post=preview_draft)
