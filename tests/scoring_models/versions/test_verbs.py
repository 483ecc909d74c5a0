"""Sent for approval, approved or returned, put live, gone back to; and who may do which."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from leads import overrides
from leads.models import Activity, Lead, Override, OverrideKind, OverrideReason
from leadscoring.actors import acting
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts, versions
from scoring_models.live import live_version
from scoring_models.models import Activation, ModelVersion, RescoreRun, Rule, ScoringModel, VersionState
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Condition,
    Dimension,
    GoldenLead,
    GoldenSignal,
    HalfLife,
    Inactivity,
    Kind,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from scoring_models.spec_text import InvalidVersion, canonical, digest, spec_of, thaw
from tests.scoring_models.approving import approve
from tests.scoring_models.versions.conftest import LATER, NOW, Cast, next_version


def code(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value.code


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# Drafts.


def test_a_draft_reads_as_the_spec_it_was_made_from(draft: ModelVersion, reference: Spec) -> None:
    assert spec_of(draft) == reference
    assert (draft.number, draft.state, draft.based_on) == (1, VersionState.DRAFT, None)


def test_every_part_of_a_version_survives_its_rows(reference: Spec, cast: Cast) -> None:
    inbound = AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE)
    where = (
        PropertyCondition("path", Op.CONTAINS_ANY, ("pricing",), given=("Pricing",)),
        PropertyCondition("visits", Op.AT_LEAST, (Decimal("2.5"),)),
        PropertyCondition("topic", Op.IS_ANY_OF, (), "target industries"),
    )
    rules: tuple[Condition, ...] = (
        SignalAtLeast(("page_view",), 2, 30, where, Linear()),
        SignalEach(("page_view",), 2, None, where, HalfLife(14)),
        AccountActivity(("page_view",), 2, 30, where),
        Inactivity(("page_view",), 30, 10, 3),
        inbound,
    )
    dated = (("inbound", True), ("job_title", "VP Sales"), ("ssi_score", Decimal("70.5")))
    visit = GoldenSignal("page_view", Decimal("2.5"), (("is_question", True), ("path", "/Pricing")))
    spec = replace(
        reference,
        rules=tuple(
            RuleSpec(f"rule-{number}", Dimension.FIT, 5, condition, only_when=(inbound,))
            for number, condition in enumerate(rules)
        ),
        audience=(inbound, AttributeCondition("country", Kind.TEXT, Op.IS, ("de",), given=("DE",))),
        golden=(GoldenLead("Ideal", dated, (visit,), "hot", 90),),
    )
    assert spec_of(drafts.create(spec=spec, actor=cast.mara, at=NOW)) == spec


def test_numbers_go_up_within_a_model(draft: ModelVersion, reference: Spec, cast: Cast) -> None:
    again = drafts.create(spec=reference, actor=cast.milo, at=NOW)
    other = drafts.create(spec=replace(reference, model="Other"), actor=cast.milo, at=NOW)
    assert (again.number, other.number) == (2, 1)
    assert again.model == draft.model


def test_a_new_model_goes_first(draft: ModelVersion, reference: Spec, cast: Cast) -> None:
    other = drafts.create(spec=replace(reference, model="Other"), actor=cast.mara, at=NOW)
    assert list(ScoringModel.objects.order_by("position")) == [other.model, draft.model]


def test_a_draft_starts_from_any_version_and_is_cut_from_the_live_one(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.nina, at=LATER)
    third = drafts.start_from(version=live, actor=cast.milo, at=LATER)
    assert spec_of(third) == spec_of(live)
    assert third.based_on == second


def test_who_waited_while_a_draft_was_discarded_is_told_so(
    draft: ModelVersion, reference: Spec, cast: Cast
) -> None:
    seen = ModelVersion.objects.get(pk=draft.pk)
    drafts.discard(version=draft, actor=cast.milo, at=NOW)
    for late in (
        lambda: drafts.edit(version=seen, spec=reference, note="", actor=cast.mara, at=NOW),
        lambda: versions.submit(version=seen, actor=cast.mara, at=NOW),
        lambda: drafts.discard(version=seen, actor=cast.mara, at=NOW),
    ):
        assert code(late) == "version.not_found"


def test_a_draft_can_be_discarded_but_nothing_else(draft: ModelVersion, reference: Spec, cast: Cast) -> None:
    sent = versions.submit(
        version=drafts.create(spec=reference, actor=cast.mara, at=NOW), actor=cast.mara, at=NOW
    )
    drafts.discard(version=draft, actor=cast.milo, at=NOW)
    assert not ModelVersion.objects.filter(pk=draft.pk).exists()
    assert code(lambda: drafts.discard(version=sent, actor=cast.mara, at=NOW)) == "not_a_draft"
    versions.return_to_draft(version=sent, digest=sent.digest, actor=cast.nina, at=NOW, comment="No.")
    assert code(lambda: drafts.discard(version=sent, actor=cast.mara, at=NOW)) == "was_reviewed"
    assert "version.discarded" in actions()


# The path of a version.


def test_sending_for_approval_freezes_the_text_with_its_digest(
    in_review: ModelVersion, reference: Spec
) -> None:
    assert in_review.state == VersionState.IN_REVIEW
    assert in_review.frozen == canonical(reference)
    assert in_review.digest == digest(canonical(reference))
    assert thaw(in_review.frozen) == reference


def test_the_whole_path_is_audited(live: ModelVersion, cast: Cast) -> None:
    assert actions() == [
        "version.drafted",
        "version.submitted",
        "version.approved",
        "version.activated",
    ]
    entry = AuditEntry.objects.get(action="version.approved")
    assert (entry.actor, entry.data["digest"]) == (cast.nina, live.digest)


def test_going_live_starts_to_score_all_leads(approved: ModelVersion, cast: Cast) -> None:
    run = versions.activate(version=approved, actor=cast.nina, at=NOW)
    assert RescoreRun.objects.get() == run
    assert (run.version, run.started_by) == (approved, cast.nina)
    assert live_version(approved.model, at=NOW) == approved


def test_a_second_version_takes_over_at_the_moment(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.noel, at=LATER)
    assert live_version(live.model, at=LATER) == second
    assert live_version(live.model, at=LATER - timedelta(microseconds=1)) == live


def test_going_back_is_one_step_and_a_new_activation(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.nina, at=LATER)
    back = LATER + timedelta(hours=1)
    run = versions.go_back(version=live, actor=cast.noel, at=back)
    assert run.version == live
    assert live_version(live.model, at=back) == live
    assert Activation.objects.count() == 3
    versions.go_back(version=second, actor=cast.noel, at=back + timedelta(hours=1))
    assert live_version(live.model, at=back + timedelta(hours=1)) == second


def test_going_back_to_a_version_of_the_set_up_works(reference: Spec, cast: Cast) -> None:
    first = versions.set_up(spec=reference, actor=User.objects.system(), at=NOW).version
    second = next_version(first, cast, at=NOW)
    versions.activate(version=second, actor=cast.nina, at=LATER)
    versions.go_back(version=first, actor=cast.nina, at=LATER + timedelta(hours=1))
    assert live_version(first.model, at=LATER + timedelta(hours=1)) == first


def test_only_a_version_that_was_live_is_gone_back_to(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    assert code(lambda: versions.go_back(version=second, actor=cast.nina, at=LATER)) == "never_live"
    assert code(lambda: versions.go_back(version=live, actor=cast.nina, at=LATER)) == "is_live"


def test_a_draft_cut_before_another_version_went_live_cannot_go_live(live: ModelVersion, cast: Cast) -> None:
    second, third = next_version(live, cast, at=NOW), next_version(live, cast, at=NOW)
    versions.activate(version=second, actor=cast.nina, at=LATER)
    with pytest.raises(DomainError) as caught:
        versions.activate(version=third, actor=cast.nina, at=LATER + timedelta(hours=1))
    assert caught.value.code == "stale"
    assert "Version 2 went live since this draft was cut." in caught.value.sentence
    assert live_version(live.model, at=LATER + timedelta(hours=1)) == second


def test_what_went_live_after_the_moment_asked_for_is_told(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    assert (
        code(lambda: versions.activate(version=second, actor=cast.nina, at=NOW - timedelta(seconds=1)))
        == "overtaken"
    )


def test_only_what_is_approved_goes_live(draft: ModelVersion, cast: Cast) -> None:
    assert code(lambda: versions.activate(version=draft, actor=cast.nina, at=NOW)) == "not_approved"
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    assert code(lambda: versions.activate(version=sent, actor=cast.nina, at=NOW)) == "not_approved"


def test_what_was_live_is_not_activated_again(live: ModelVersion, cast: Cast) -> None:
    with pytest.raises(DomainError, match="is live already") as refused:
        versions.activate(version=live, actor=cast.nina, at=LATER)
    assert refused.value.code == "was_live"
    versions.activate(version=next_version(live, cast, at=NOW), actor=cast.nina, at=LATER)
    with pytest.raises(DomainError, match="has been live before"):
        versions.activate(version=live, actor=cast.nina, at=LATER)


def test_a_returned_version_is_a_draft_again_with_the_comment_kept(
    in_review: ModelVersion, cast: Cast
) -> None:
    seen = in_review.digest
    version = versions.return_to_draft(
        version=in_review, digest=seen, actor=cast.nina, at=NOW, comment="Fewer points for views."
    )
    assert (version.state, version.frozen, version.digest) == (VersionState.DRAFT, "", "")
    review = version.reviews.get()
    assert (review.decision, review.digest, review.comment) == ("return", seen, "Fewer points for views.")
    assert versions.submit(version=version, actor=cast.milo, at=LATER).state == VersionState.IN_REVIEW


@pytest.mark.parametrize("verb", [versions.return_to_draft, versions.reject])
def test_returning_or_rejecting_without_a_word_is_refused(
    verb: Callable[..., object], in_review: ModelVersion, cast: Cast
) -> None:
    def act() -> object:
        return verb(version=in_review, digest=in_review.digest, actor=cast.nina, at=NOW, comment=" ")

    assert code(act) == "no_comment"


def test_a_rejected_version_stays_so_and_a_new_draft_can_start_from_it(
    in_review: ModelVersion, cast: Cast
) -> None:
    seen = in_review.digest
    version = versions.reject(version=in_review, digest=seen, actor=cast.nina, at=NOW, comment="Not ours.")
    assert (version.state, version.digest) == (VersionState.REJECTED, seen)
    review = version.reviews.get()
    assert (review.decision, review.reviewer, review.comment) == ("reject", cast.nina, "Not ours.")
    assert actions()[-1] == "version.rejected"
    for verb in (
        lambda: versions.submit(version=version, actor=cast.mara, at=LATER),
        lambda: versions.withdraw(version=version, actor=cast.mara, at=LATER),
        lambda: versions.approve(version=version, digest=seen, evidence="", actor=cast.noel, at=LATER),
        lambda: versions.activate(version=version, actor=cast.nina, at=LATER),
        lambda: drafts.discard(version=version, actor=cast.mara, at=LATER),
    ):
        assert code(verb) in ("not_a_draft", "not_in_review", "not_approved")
    again = drafts.start_from(version=version, actor=cast.mara, at=LATER)
    assert spec_of(again) == spec_of(version)


def test_a_draft_cut_before_another_version_went_live_is_not_sent(live: ModelVersion, cast: Cast) -> None:
    draft = drafts.start_from(version=live, actor=cast.mara, at=NOW)
    versions.activate(version=next_version(live, cast, at=NOW), actor=cast.nina, at=LATER)
    assert code(lambda: versions.submit(version=draft, actor=cast.mara, at=LATER)) == "stale"


def test_authors_can_withdraw_what_waits(in_review: ModelVersion, cast: Cast) -> None:
    assert versions.withdraw(version=in_review, actor=cast.mara, at=NOW).state == VersionState.DRAFT
    assert code(lambda: versions.withdraw(version=in_review, actor=cast.mara, at=NOW)) == "not_in_review"


def test_an_approval_holds_for_what_the_reviewer_saw(in_review: ModelVersion, cast: Cast) -> None:
    seen = in_review.digest
    versions.withdraw(version=in_review, actor=cast.mara, at=NOW)
    with acting(cast.mara):
        ModelVersion.objects.filter(pk=in_review.pk).update(floor=None)
    versions.submit(version=in_review, actor=cast.mara, at=NOW)
    assert (
        code(lambda: versions.approve(version=in_review, digest=seen, evidence="", actor=cast.nina, at=NOW))
        == "changed_since"
    )


def test_a_version_that_cannot_be_read_is_not_sent(draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara):
        Rule.objects.filter(version=draft, key="linkedin-ssi").update(values=[])
    with pytest.raises(InvalidVersion, match="This is missing"):
        versions.submit(version=draft, actor=cast.mara, at=NOW)
    assert ModelVersion.objects.get(pk=draft.pk).state == VersionState.DRAFT


def test_a_version_without_a_rule_is_not_sent(draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara):
        draft.rules.update(enabled=False)
    assert code(lambda: versions.submit(version=draft, actor=cast.mara, at=NOW)) == "no_rule"


# Set-up.


def test_the_first_version_of_a_model_goes_live_unapproved_and_it_is_said(
    reference: Spec, cast: Cast
) -> None:
    run = versions.set_up(spec=reference, actor=User.objects.system(), at=NOW)
    activation = Activation.objects.get()
    assert activation.set_up_exception
    assert activation.version == run.version
    assert not run.version.reviews.exists()
    assert actions() == ["version.drafted", "version.set_up"]


def test_a_model_that_was_live_has_no_second_set_up(live: ModelVersion, reference: Spec, cast: Cast) -> None:
    assert code(lambda: versions.set_up(spec=reference, actor=cast.mara, at=LATER)) == "had_one"
    assert live.model.versions.count() == 1


# Who may.


@pytest.mark.parametrize("name", ["mara", "milo", "rob", "ada"])
def test_only_managers_review_and_put_live(
    name: str, in_review: ModelVersion, cast: Cast, reference: Spec
) -> None:
    actor, seen = getattr(cast, name), in_review.digest
    assert (
        code(lambda: versions.approve(version=in_review, digest=seen, evidence="", actor=actor, at=NOW))
        == "not_allowed"
    )
    assert (
        code(
            lambda: versions.return_to_draft(
                version=in_review, digest=seen, actor=actor, at=NOW, comment="No."
            )
        )
        == "not_allowed"
    )
    assert (
        code(lambda: versions.reject(version=in_review, digest=seen, actor=actor, at=NOW, comment="No."))
        == "not_allowed"
    )
    approved = approve(in_review, actor=cast.nina, at=NOW)
    assert code(lambda: versions.activate(version=approved, actor=actor, at=NOW)) == "not_allowed"
    versions.activate(version=approved, actor=cast.nina, at=NOW)
    assert code(lambda: versions.go_back(version=approved, actor=actor, at=LATER)) == "not_allowed"


@pytest.mark.parametrize("name", ["nina", "rob", "ada"])
def test_only_marketing_writes_versions(name: str, draft: ModelVersion, reference: Spec, cast: Cast) -> None:
    actor = getattr(cast, name)
    assert code(lambda: drafts.create(spec=reference, actor=actor, at=NOW)) == "not_allowed"
    assert code(lambda: drafts.start_from(version=draft, actor=actor, at=NOW)) == "not_allowed"
    assert code(lambda: drafts.discard(version=draft, actor=actor, at=NOW)) == "not_allowed"
    assert code(lambda: versions.submit(version=draft, actor=actor, at=NOW)) == "not_allowed"
    versions.submit(version=draft, actor=cast.mara, at=NOW)
    assert code(lambda: versions.withdraw(version=draft, actor=actor, at=NOW)) == "not_allowed"


def test_somebody_who_left_may_do_nothing(draft: ModelVersion, cast: Cast) -> None:
    cast.mara.is_active = False
    assert code(lambda: versions.submit(version=draft, actor=cast.mara, at=NOW)) == "not_allowed"


@pytest.mark.parametrize("name", ["both", "sue"])
def test_nobody_reviews_what_they_edited_whatever_their_roles(
    name: str, draft: ModelVersion, cast: Cast
) -> None:
    author = getattr(cast, name)
    with acting(author):
        draft.rules.filter(key="comments").update(points=25)
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)

    assert code(lambda: approve(sent, actor=author, at=NOW)) == "edited_it"
    assert sent.state == VersionState.IN_REVIEW


@pytest.mark.parametrize("name", ["both", "sue"])
def test_who_sent_a_version_does_not_approve_it(name: str, draft: ModelVersion, cast: Cast) -> None:
    author = getattr(cast, name)
    sent = versions.submit(version=draft, actor=author, at=NOW)
    assert code(lambda: approve(sent, actor=author, at=NOW)) == "edited_it"


def test_once_an_editor_always_an_editor(in_review: ModelVersion, cast: Cast) -> None:
    versions.withdraw(version=in_review, actor=cast.both, at=NOW)
    with acting(cast.both):
        Rule.objects.filter(version=in_review, key="comments").update(points=25)
        Rule.objects.filter(version=in_review, key="comments").update(points=20)
    sent = versions.submit(version=in_review, actor=cast.mara, at=NOW)
    assert code(lambda: approve(sent, actor=cast.both, at=NOW)) == "edited_it"
    assert {editor.user for editor in sent.editors.all()} == {cast.mara, cast.both}


def test_deciding_on_a_version_makes_nobody_its_editor(in_review: ModelVersion, cast: Cast) -> None:
    versions.return_to_draft(
        version=in_review, digest=in_review.digest, actor=cast.nina, at=NOW, comment="Explain."
    )
    sent = versions.submit(version=in_review, actor=cast.mara, at=NOW)
    approve(sent, actor=cast.nina, at=NOW)
    assert {editor.user for editor in sent.editors.all()} == {cast.mara}


# Overrides.


def set_band(lead: Lead, band: str, at: datetime) -> Override:
    author = User.objects.get(name="Noel")
    return Override.objects.create(
        lead=lead,
        kind=OverrideKind.BAND,
        band=band,
        reason=OverrideReason.MET,
        author=author,
        starts_at=at,
        ends_at=at + timedelta(days=14),
    )


def with_other_top(live: ModelVersion, cast: Cast) -> ModelVersion:
    """An approved version whose highest band is another one, “Blazing”."""
    spec = spec_of(live)
    other = replace(spec.bands[-1], key="blazing", name="Blazing")
    version = drafts.create(spec=replace(spec, bands=(*spec.bands[:-1], other)), actor=cast.mara, at=NOW)
    version = versions.submit(version=version, actor=cast.mara, at=NOW)
    return approve(version, actor=cast.nina, at=NOW)


def test_overrides_of_a_band_that_is_gone_end_when_another_version_goes_live(
    live: ModelVersion, cast: Cast
) -> None:
    version = with_other_top(live, cast)
    gone, kept = set_band(Lead.objects.create(), "hot", NOW), set_band(Lead.objects.create(), "sql", NOW)

    versions.activate(version=version, actor=cast.nina, at=LATER)

    assert list(overrides.active(at=LATER)) == [kept]
    told = Activity.objects.get(override=gone, verb=Activity.Verb.OVERRIDE_ENDED)
    assert (told.note, told.actor) == ("The scoring model no longer has the band “Hot”.", cast.nina)
    entry = AuditEntry.objects.get(action="version.activated", object_id=str(version.pk))
    assert entry.data["ended_overrides"] == 1


def test_overrides_of_a_band_that_is_gone_end_when_an_earlier_version_comes_back(
    live: ModelVersion, cast: Cast
) -> None:
    versions.activate(version=with_other_top(live, cast), actor=cast.nina, at=LATER)
    gone = set_band(Lead.objects.create(), "blazing", LATER)

    versions.go_back(version=live, actor=cast.nina, at=LATER + timedelta(hours=1))

    gone.refresh_from_db()
    assert (gone.ends_at, gone.ended_by) == (LATER + timedelta(hours=1), cast.nina)
