"""Leads that are, or may be, one person: what a merge would bring, doing it, undoing it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access, duplicates
from leads.api.queue import WORKERS
from leads.api.shown import Named
from leads.merging import verbs
from leads.merging.members import merges_of
from leads.merging.preview import Preview, pair_for, preview
from leads.merging.seen import sealed, seen_of, unsealed
from leads.models import Merge, NotSame
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import GREATEST_ID, Digits, Id, Text
from leadscoring.api.lists import Listed, newest_first, page_of, place_in
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

LONGEST_CHOICES = 4_000
LONGEST_SEEN = 500_000


class PreviewQuery(Body):
    absorb = Digits(min_value=1, max_value=GREATEST_ID, help_text="The lead that would become part of it.")
    choices = Text(
        required=False,
        allow_blank=True,
        max_length=LONGEST_CHOICES,
        help_text="Keys of lines to take from that lead, with commas between; else what is suggested.",
    )


class MergeBody(Body):
    absorb = Id(help_text="The lead that becomes part of this one.")
    choices = serializers.ListField(
        child=Text(max_length=100),
        max_length=500,
        required=False,
        help_text="Keys of lines to take from that lead; else what is suggested.",
    )
    seen = Text(
        required=False,
        max_length=LONGEST_SEEN,
        help_text="The preview's `seen`: then nothing is merged where a value changed since.",
    )


class PairBody(Body):
    one = Id()
    other = Id()


class OfferShown(serializers.Serializer[Any]):
    """What each of the two says of something; empty: nothing."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # not the attribute of fields
    kept = serializers.CharField(allow_blank=True)
    absorbed = serializers.CharField(allow_blank=True)
    can_choose = serializers.BooleanField(help_text="Whether it can be taken from the absorbed lead.")
    suggested = serializers.BooleanField()
    chosen = serializers.BooleanField()


class MergedScoreShown(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    engagement = serializers.IntegerField()
    fit = serializers.IntegerField()
    band = serializers.CharField(source="band.key")


class ComesShown(serializers.Serializer[Any]):
    """How much comes along with the absorbed lead, exactly."""

    signals = serializers.IntegerField()
    deeds = serializers.IntegerField()
    outcomes = serializers.IntegerField()
    overrides = serializers.IntegerField()
    leads = serializers.IntegerField(help_text="That it had absorbed.")


class MergePreviewShown(serializers.Serializer[Any]):
    kept = serializers.IntegerField(source="preview.pair.kept.pk")
    absorbed = serializers.IntegerField(source="preview.pair.absorbed.pk")
    lines = OfferShown(many=True)
    score = MergedScoreShown(source="preview.score", allow_null=True)
    comes = ComesShown(source="preview.comes")
    seen = serializers.CharField(help_text="Send it with the merge to have it refused once this is old.")


class MergeShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    kept = serializers.IntegerField(source="kept_id")
    absorbed = serializers.IntegerField(source="absorbed_id")
    merged_at = serializers.DateTimeField()
    merged_by = Named()
    choices = serializers.ListField(child=serializers.CharField())
    undone_at = serializers.DateTimeField(allow_null=True)


class PairShown(serializers.Serializer[Any]):
    """Two leads that may be one person, and why."""

    newer = serializers.IntegerField()
    older = serializers.IntegerField()
    why = serializers.ChoiceField(choices=[duplicates.EMAIL, duplicates.NAME])


class NotSameShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    one = serializers.IntegerField(source="first_id")
    other = serializers.IntegerField(source="second_id")
    said_by = Named()
    said_at = serializers.DateTimeField()


@operation(scope=Scope.READ, roles=WORKERS, query=PreviewQuery, gives=MergePreviewShown, refusals=(409, 422))
def preview_merge(call: Call, lead_id: int) -> Mapping[str, Any]:
    """What would be if another lead were merged into this one. Changes nothing."""
    pair = pair_for(kept_id=lead_id, absorbed_id=call.query["absorb"], user=call.user, at=call.at)
    choices = call.query["choices"].split(",") if "choices" in call.query else None
    found: Preview = preview(pair, choices)
    lines = [
        {name: getattr(line, name) for name in line.__slots__} | {"chosen": line.key in found.chosen}
        for line in found.lines
    ]
    return {"preview": found, "lines": lines, "seen": sealed(pair, seen_of(pair, found.lines))}


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=MergeBody,
    gives=MergeShown,
    statuses=(201,),
    examples={
        "What is suggested": {"absorb": 1043},
        "With its e-mail": {"absorb": 1043, "choices": ["email"]},
    },
)
def merge_leads(call: Call, lead_id: int) -> Merge:
    """Make two leads one from now on. It can be undone for 30 days."""
    absorb, seen = call.body["absorb"], None
    if "seen" in call.body:
        seen = unsealed(call.body["seen"], kept_id=lead_id, absorbed_id=absorb)
        if seen is None:
            raise DomainError("merge.seen", _("That isn't what a preview of these two leads gave."))
    return verbs.merge(
        kept_id=lead_id,
        absorbed_id=absorb,
        choices=call.body.get("choices"),
        seen=seen,
        actor=call.user,
        at=call.at,
    )


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(MergeShown))
def list_merges(call: Call, lead_id: int) -> Listed:
    """Which leads this one has absorbed, the latest first."""
    return newest_first(merges_of(access.get_lead(call.user, lead_id)), call.query)


@operation(scope=Scope.WORK, roles=WORKERS, gives=MergeShown)
def undo_merge(call: Call, merge_id: int) -> Merge:
    """Make two leads of one again, within 30 days."""
    return verbs.undo_merge(merge_id=merge_id, actor=call.user, at=call.at)


@operation(scope=Scope.READ, roles=WORKERS, query=PageQuery, gives=page_of(PairShown))
def list_duplicates(call: Call) -> Listed:
    """Pairs of leads that may be one person, the newest first. A page may be empty and still have a next."""
    found = duplicates.suggestions(user=call.user, before=place_in(call.query.get("cursor")))
    pairs = found.pairs[: call.query["limit"]]
    following = found.next if len(pairs) == len(found.pairs) else pairs[-1].newer
    return Listed(pairs, str(following) if following else None)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=PairBody,
    gives=NotSameShown,
    statuses=(201,),
    examples={"Father and son": {"one": 1042, "other": 1043}},
)
def say_not_same(call: Call) -> NotSame:
    """Say that two leads are different people, so that they are not suggested again."""
    pair = (call.body["one"], call.body["other"])
    return duplicates.say_not_same(lead_ids=pair, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=WORKERS, statuses=(204,))
def take_back_not_same(call: Call, not_same_id: int) -> None:
    """Have the two suggested again."""
    duplicates.take_back_not_same(not_same_id=not_same_id, actor=call.user, at=call.at)


of_lead = resource(get=preview_merge, post=merge_leads)
merges = resource(get=list_merges)
undo = resource(post=undo_merge)
suggested = resource(get=list_duplicates)
not_same = resource(post=say_not_same)
not_same_after_all = resource(delete=take_back_not_same)
