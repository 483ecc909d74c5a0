"""The steps of a version's life, by the verbs of the pages: who edited it never approves it."""

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leadscoring.api.bodies import Body
from leadscoring.api.etags import check_match
from leadscoring.api.fields import Moment, Text, Whole
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import rebase, rescoring, schedule, versions
from scoring_models.agreements import agree
from scoring_models.api.finding import ShownVersion, find_version, shown_version, version_tag
from scoring_models.api.shown import RunShown, VersionShown
from scoring_models.api.versions import AUTHORS
from scoring_models.locks import locked_with_model
from scoring_models.merge import Side
from scoring_models.models import BandAgreement, ModelVersion, RescoreRun

REVIEWERS = (Role.MANAGER,)
MINE = {"kind": "rule", "name": "idle", "side": "mine"}
SEEN = {"digest": "3f2c…", "evidence": "9a41…", "comment": "The queue can take it."}


class ApproveBody(Body):
    digest = Text(min_length=1, max_length=64, help_text="Of the version that was seen.")
    evidence = Text(min_length=1, max_length=64, help_text="SHA-256 of the evidence that was seen.")
    comment = Text(required=False, allow_blank=True)


class DecideBody(Body):
    digest = Text(min_length=1, max_length=64, help_text="Of the version that was seen.")
    comment = Text(min_length=1, help_text="Why, so that the authors know.")


class ScheduleBody(Body):
    starts_at = Moment(help_text="When it goes live: ahead, and within a year.")


class ChoiceBody(Body):
    kind = Text(min_length=1, max_length=20, help_text="Of the piece, such as rule, band, list or limit.")
    name = Text(allow_blank=True, max_length=100)
    side = serializers.ChoiceField(choices=[each.value for each in Side])


class RebaseBody(Body):
    onto = Whole(min_value=1, max_value=10**18 - 1, help_text="The version that is live.")
    choices = ChoiceBody(many=True, required=False, help_text="A side for each piece that both changed.")


class AgreeBody(Body):
    means = Text(min_length=1, max_length=300, help_text="The words that were read.")
    side = serializers.ChoiceField(choices=BandAgreement.Side.values)


@operation(scope=Scope.MODELS_WRITE, roles=AUTHORS, gives=VersionShown)
def submit_version(call: Call, version_id: int) -> ShownVersion:
    """Freeze a draft and send it for approval; its evidence is computed then."""
    versions.submit(version=find_version(version_id), actor=call.user, at=call.at)
    return _now(call, version_id)


@operation(scope=Scope.MODELS_WRITE, roles=AUTHORS, gives=VersionShown)
def withdraw_version(call: Call, version_id: int) -> ShownVersion:
    """Make a draft again of what waits for approval."""
    versions.withdraw(version=find_version(version_id), actor=call.user, at=call.at)
    return _now(call, version_id)


@operation(
    scope=Scope.MODELS_APPROVE,
    roles=REVIEWERS,
    takes=ApproveBody,
    gives=VersionShown,
    examples={"As it was seen": SEEN},
)
def approve_version(call: Call, version_id: int) -> ShownVersion:
    """Approve what waits, as it was seen. Nobody approves what they edited."""
    versions.approve(
        version=find_version(version_id),
        digest=call.body["digest"],
        evidence=call.body["evidence"],
        comment=call.body.get("comment", ""),
        actor=call.user,
        at=call.at,
    )
    return _now(call, version_id)


@operation(
    scope=Scope.MODELS_APPROVE,
    roles=REVIEWERS,
    takes=DecideBody,
    gives=VersionShown,
    examples={"Too much at once": {"digest": "3f2c…", "comment": "Leave the bands as they are."}},
)
def return_version(call: Call, version_id: int) -> ShownVersion:
    """Send what waits back to its authors."""
    versions.return_to_draft(version=find_version(version_id), actor=call.user, at=call.at, **call.body)
    return _now(call, version_id)


@operation(
    scope=Scope.MODELS_APPROVE,
    roles=REVIEWERS,
    takes=DecideBody,
    gives=VersionShown,
    examples={"Not this way": {"digest": "3f2c…", "comment": "It finds fewer buyers than what is live."}},
)
def reject_version(call: Call, version_id: int) -> ShownVersion:
    """Decide that what waits never goes live."""
    versions.reject(version=find_version(version_id), actor=call.user, at=call.at, **call.body)
    return _now(call, version_id)


@operation(scope=Scope.MODELS_ACTIVATE, roles=REVIEWERS, gives=VersionShown)
def activate_version(call: Call, version_id: int) -> ShownVersion:
    """Put an approved version live and begin to score all leads with it."""
    versions.activate(version=find_version(version_id), actor=call.user, at=call.at)
    return _now(call, version_id)


@operation(scope=Scope.MODELS_ACTIVATE, roles=REVIEWERS, gives=VersionShown)
def go_back_to_version(call: Call, version_id: int) -> ShownVersion:
    """Put a version live again that was live before."""
    versions.go_back(version=find_version(version_id), actor=call.user, at=call.at)
    return _now(call, version_id)


@operation(
    scope=Scope.MODELS_ACTIVATE,
    roles=REVIEWERS,
    takes=ScheduleBody,
    gives=VersionShown,
    matches=True,
    examples={"On a Monday": {"starts_at": "2026-12-07T06:00:00Z"}},
)
def schedule_version(call: Call, version_id: int) -> Given:
    """Plan that an approved version goes live at a time."""
    with transaction.atomic():
        version = locked_with_model(find_version(version_id))
        check_match(call.request, version_tag(_now(call, version_id)))
        starts_at = call.body["starts_at"]
        schedule.schedule(version=version, starts_at=starts_at, actor=call.user, at=call.at)
        one = _now(call, version_id)
    return Given(one, headers={"ETag": version_tag(one)})


@operation(scope=Scope.MODELS_ACTIVATE, roles=REVIEWERS, gives=VersionShown)
def cancel_schedule(call: Call, version_id: int) -> ShownVersion:
    """Call a plan off before it begins."""
    schedule.cancel(version=find_version(version_id), actor=call.user, at=call.at)
    return _now(call, version_id)


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=RebaseBody,
    gives=VersionShown,
    statuses=(201,),
    examples={"One rule as in the draft": {"onto": 12, "choices": [MINE]}},
)
def rebase_version(call: Call, version_id: int) -> ShownVersion:
    """Bring a draft's changes onto the version that went live since it was cut, as a new draft."""
    chosen = {(each["kind"], each["name"]): Side(each["side"]) for each in call.body.get("choices", ())}
    made = rebase.rebase(
        version=find_version(version_id),
        onto=call.body["onto"],
        choices=chosen,
        actor=call.user,
        at=call.at,
    )
    return _now(call, made.pk)


@operation(
    scope=Scope.WORK,
    roles=(Role.REP, Role.MARKETING, Role.MANAGER),
    takes=AgreeBody,
    gives=VersionShown,
    examples={"For sales": {"means": "Buying now", "side": "sales"}},
)
def agree_on_band(call: Call, version_id: int, band: str) -> ShownVersion:
    """Agree for marketing or for sales that a band means what it says."""
    side = BandAgreement.Side(call.body["side"])
    agree(
        version=find_version(version_id),
        band_key=band,
        means=call.body["means"],
        side=side,
        actor=call.user,
        at=call.at,
    )
    return _now(call, version_id)


@operation(scope=Scope.READ, gives=RunShown)
def show_scoring(call: Call, version_id: int) -> dict[str, object]:
    """How far scoring all leads with a version is: its latest run."""
    return _run(find_version(version_id))


@operation(scope=Scope.MODELS_ACTIVATE, roles=REVIEWERS, gives=RunShown)
def stop_scoring(call: Call, version_id: int) -> dict[str, object]:
    """Stop scoring all leads; those that are left keep their scores."""
    version = find_version(version_id)
    rescoring.stop(run=_latest(version), actor=call.user, at=call.at)
    return _run(version)


@operation(scope=Scope.MODELS_ACTIVATE, roles=REVIEWERS, gives=RunShown)
def resume_scoring(call: Call, version_id: int) -> dict[str, object]:
    """Have a stopped run go on where it was."""
    version = find_version(version_id)
    rescoring.resume(run=_latest(version), actor=call.user, at=call.at)
    return _run(version)


def _now(call: Call, version_id: int) -> ShownVersion:
    return shown_version(find_version(version_id), at=call.at)


def _latest(version: ModelVersion) -> RescoreRun:
    run = version.runs.order_by("-pk").first()
    if run is None:
        raise DomainError("run.not_found", _("All leads were never scored with this version."))
    return run


def _run(version: ModelVersion) -> dict[str, object]:
    run = _latest(version)
    return {"run": run, "progress": rescoring.progress(run)}


submit = resource(post=submit_version)
withdraw = resource(post=withdraw_version)
approve = resource(post=approve_version)
return_ = resource(post=return_version)
reject = resource(post=reject_version)
activate = resource(post=activate_version)
go_back = resource(post=go_back_to_version)
planned = resource(put=schedule_version, delete=cancel_schedule)
rebased = resource(post=rebase_version)
agreement = resource(post=agree_on_band)
scoring = resource(get=show_scoring)
stop = resource(post=stop_scoring)
resume = resource(post=resume_scoring)
