"""Trying a version: on a lead, real or typed in, on its golden leads, and the health of its rules."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.shown import Named
from leadscoring.api.bodies import Body, PageQuery, unusable
from leadscoring.api.fields import GREATEST_ID, Digits, Moment, Text, Whole
from leadscoring.api.lists import Listed, page_of, place_in
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role
from scoring_models import golden, trial
from scoring_models.api.explanation import LineShown
from scoring_models.api.finding import find_version
from scoring_models.api.imagining import ImaginedBody, imagined_of
from scoring_models.api.versions import AUTHORS
from scoring_models.golden import Check
from scoring_models.health.findings import Finding, Term
from scoring_models.health.report import report
from scoring_models.health.selection import WORDS, leads_behind
from scoring_models.live import live_version
from scoring_models.models import ModelVersion
from scoring_models.permissions import ROLES, Step
from scoring_models.spec import GoldenLead, Spec
from scoring_models.spec_text import spec_of, thaw
from scoring_models.trial import Trial
from scoring_models.turns import asked_before

TESTERS = ROLES[Step.TEST]
BUYER = {"job_title": "VP Sales", "company": "Brandt"}


class TestQuery(Body):
    lead = Digits(min_value=1, max_value=GREATEST_ID)


class GoldenBody(ImaginedBody):
    name = Text(max_length=100)
    band = Text(required=False, max_length=60, help_text="The key of the band that is expected,")
    score = Whole(required=False, min_value=-(10**9), max_value=10**9, help_text="or the score, or both.")


class GoldenName(Body):
    name = Text(max_length=100)


class SideShown(serializers.Serializer[Any]):
    """What one version says. The points of its lines add up to the total."""

    total = serializers.IntegerField()
    engagement = serializers.IntegerField()
    fit = serializers.IntegerField()
    band = serializers.CharField(source="band.key")
    is_scored = serializers.BooleanField(help_text="False: another model would score this lead.")
    lines = LineShown(many=True)


class TrialShown(serializers.Serializer[Any]):
    tested = SideShown(allow_null=True)
    live = SideShown(allow_null=True, help_text="Null where nothing else is live.")
    difference = serializers.IntegerField()


class CheckShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    expected = serializers.CharField()
    total = serializers.IntegerField(allow_null=True)
    band = serializers.CharField(source="band.key", default=None, allow_null=True)
    is_green = serializers.BooleanField()
    got = serializers.CharField(help_text="What it says, in words.")


class ChecksShown(serializers.Serializer[Any]):
    results = CheckShown(many=True)


class FindingShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    weight = serializers.IntegerField(help_text="0 to 100.")
    sentence = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField(help_text="Of the leads behind it.")
    terms = serializers.SerializerMethodField(help_text="By which `…/health/leads/` lists them.")

    def get_terms(self, finding: Finding) -> str:
        return ",".join(f"{word}:{value}" for word, value in finding.leads)


class BehindQuery(PageQuery):
    terms = Text(max_length=1_000, help_text="Of a finding.")
    at = Moment(required=False, help_text="When it was found; else now.")


class BehindShown(serializers.Serializer[Any]):
    lead = Named()
    total = serializers.IntegerField(help_text="What the version gives it.")
    band = serializers.CharField()


class LiftShown(serializers.Serializer[Any]):
    """How much more often leads won for which a rule counted than the others."""

    rule = serializers.CharField()
    sentence = serializers.CharField()
    lift = serializers.FloatField()
    leads = serializers.IntegerField(help_text="Closed ones that met it before they closed.")
    won = serializers.IntegerField(help_text="Of those.")


class HealthShown(serializers.Serializer[Any]):
    leads = serializers.IntegerField(help_text="That the version scores.")
    outcomes = serializers.IntegerField(help_text="Closed leads, of which lifts are counted.")
    findings = FindingShown(many=True, help_text="The weightiest first.")
    lifts = LiftShown(many=True)


@operation(scope=Scope.READ, roles=TESTERS, query=TestQuery, gives=TrialShown, refusals=(409, 422))
def test_on_lead(call: Call, version_id: int) -> Trial:
    """What a version and the live one say of a lead. Nothing is written."""
    lead = access.get_lead(call.user, call.query["lead"])
    spec, live, version = _both(call, version_id)
    earlier = asked_before(version.model, at=call.at)
    return trial.on_lead(lead.pk, spec, live, as_of=call.at, earlier=earlier)


@operation(
    scope=Scope.MODELS_WRITE,
    roles=TESTERS,
    takes=ImaginedBody,
    gives=TrialShown,
    examples={"A buyer": {"attributes": BUYER, "signals": [{"type": "dm_received", "days_ago": 2}]}},
)
def test_on_imagined(call: Call, version_id: int) -> Trial:
    """What a version and the live one say of a lead that isn't there. Nothing is written."""
    spec, live, version = _both(call, version_id)
    earlier = asked_before(version.model, at=call.at)
    return trial.on_imagined(imagined_of(call.body), spec, live, as_of=call.at, earlier=earlier)


@operation(scope=Scope.READ, gives=ChecksShown, refusals=(422,))
def check_golden_leads(call: Call, version_id: int) -> Mapping[str, list[Check]]:
    """How the golden leads of a version come out. A red one blocks approval."""
    return {"results": golden.check(spec_of(find_version(version_id)), as_of=call.at)}


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=GoldenBody,
    gives=ChecksShown,
    statuses=(201,),
    examples={"A buyer is Hot": {"name": "Buyer", "attributes": BUYER, "band": "hot"}},
)
def add_golden_lead(call: Call, version_id: int) -> Mapping[str, list[Check]]:
    """Keep an example with a draft, with what it must say of it."""
    version, given, lead = find_version(version_id), call.body, imagined_of(call.body)
    kept = GoldenLead(given["name"], lead.attributes, lead.signals, given.get("band"), given.get("score"))
    golden.add(version=version, lead=kept, actor=call.user, at=call.at)
    return {"results": golden.check(spec_of(find_version(version_id)), as_of=call.at)}


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=GoldenName,
    gives=ChecksShown,
    examples={"By its name": {"name": "Buyer"}},
)
def remove_golden_lead(call: Call, version_id: int) -> Mapping[str, list[Check]]:
    """Take an example from a draft."""
    version = find_version(version_id)
    golden.remove(version=version, name=call.body["name"], actor=call.user, at=call.at)
    return {"results": golden.check(spec_of(find_version(version_id)), as_of=call.at)}


@operation(scope=Scope.READ, gives=HealthShown, refusals=(422,))
def show_health(call: Call, version_id: int) -> Any:
    """What is worth a look in the rules of a version, the weightiest first."""
    version = find_version(version_id)
    return report(spec_of(version), at=call.at, earlier=asked_before(version.model, at=call.at))


@operation(
    scope=Scope.READ,
    roles=(Role.MARKETING, Role.ADMIN),
    query=BehindQuery,
    gives=page_of(BehindShown),
    refusals=(422,),
)
def list_leads_behind(call: Call, version_id: int) -> Listed:
    """The leads behind a finding about the rules of a version."""
    version = find_version(version_id)
    spec, at = spec_of(version), call.query.get("at", call.at)
    found = leads_behind(
        spec,
        _terms(call.query["terms"]),
        at=at,
        after=place_in(call.query.get("cursor")) or 0,
        size=call.query["limit"] + 1,
        earlier=asked_before(version.model, at=at),
    )
    shown = found[: call.query["limit"]]
    rows = [{"lead": one.lead, "total": one.total, "band": spec.bands[one.band].key} for one in shown]
    return Listed(rows, next=str(shown[-1].lead.pk) if len(found) > len(shown) else None)


def _terms(text: str) -> list[Term]:
    """Raises Problem where they are none of a finding."""
    terms = [Term(word, value) for word, _colon, value in (each.partition(":") for each in text.split(","))]
    if any(term.word not in WORDS for term in terms):
        raise unusable("terms", _("Take the terms of a finding."), in_query=True)
    return terms


def _both(call: Call, version_id: int) -> tuple[Spec, Spec | None, ModelVersion]:
    version = find_version(version_id)
    live = live_version(version.model, at=call.at)
    other = None if live is None or live.pk == version.pk else thaw(live.frozen)
    return spec_of(version), other, version


tested = resource(get=test_on_lead, post=test_on_imagined)
golden_leads = resource(get=check_golden_leads, post=add_golden_lead)
golden_gone = resource(post=remove_golden_lead)
health = resource(get=show_health)
behind = resource(get=list_leads_behind)
