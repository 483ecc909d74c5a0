"""The evidence of a version: asked for on submission, computed by whoever comes, frozen, seen at approval."""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db.models.functions import Now

from leads.models import Lead, Outcome
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from scoring_models import drafts, versions
from scoring_models.evidence_pack import packs, parts
from scoring_models.models import Evidence, ModelVersion, Review
from tests.scoring_models.approving import approve, evidence_of
from tests.scoring_models.versions.conftest import LATER, NOW, Cast

Part = Mapping[str, Any]


def code(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def asked(version: ModelVersion) -> Evidence:
    found = packs.latest_request(version)
    assert found is not None
    return found


def test_submission_asks_for_evidence_and_approval_waits_for_it(in_review: ModelVersion, cast: Cast) -> None:
    assert packs.newest(in_review) is None and packs.abandoned() == [asked(in_review).pk]
    with pytest.raises(DomainError) as refusal:
        versions.approve(version=in_review, digest=in_review.digest, evidence="", actor=cast.nina, at=LATER)
    assert code(refusal) == "no_evidence"
    evidence = evidence_of(in_review)
    versions.approve(version=in_review, digest=in_review.digest, evidence=evidence, actor=cast.nina, at=LATER)
    assert Review.objects.get().evidence == evidence
    seen = packs.seen_at_approval(in_review)
    assert seen is not None and seen.evidence.sha256 == evidence
    assert AuditEntry.objects.get(action="version.approved").data["evidence"] == evidence


def test_an_approval_of_other_evidence_than_the_newest_is_refused(
    in_review: ModelVersion, cast: Cast
) -> None:
    first = evidence_of(in_review)
    packs.ask_again(version=in_review, actor=cast.noel, at=LATER)
    assert evidence_of(in_review) != first
    with pytest.raises(DomainError) as refusal:
        versions.approve(
            version=in_review, digest=in_review.digest, evidence=first, actor=cast.nina, at=LATER
        )
    assert code(refusal) == "changed_since"


def test_the_content_is_canonical_and_its_digest_is_of_it(in_review: ModelVersion) -> None:
    evidence_of(in_review)
    row = Evidence.objects.get()
    assert row.sha256 == sha256(row.content.encode()).hexdigest()
    assert packs.canonical(json.loads(row.content)) == row.content
    assert set(json.loads(row.content)) == set(parts.PARTS)
    assert row.finished_at and row.leased_until is None and row.parts == {}


def test_computing_it_again_as_of_the_same_moment_gives_the_same_text(live: ModelVersion, cast: Cast) -> None:
    second = drafts.start_from(version=live, actor=cast.mara, at=LATER)
    versions.submit(version=second, actor=cast.mara, at=LATER)
    second.refresh_from_db()
    digests = {evidence_of(second)}
    packs.ask_again(version=second, actor=cast.mara, at=LATER)
    assert digests == {evidence_of(second)}


def test_the_frozen_text_has_no_personal_data(in_review: ModelVersion) -> None:
    lead = Lead.objects.create(
        email="freya@brandt.example", first_name="freya", source="told by freya", created_at=NOW,
        attributes={"first_name": "Freya", "email": "freya@brandt.example"},
    )  # fmt: skip
    Outcome.objects.create(lead=lead, kind="converted", at=NOW, note="Freya signed", recorded_at=NOW)
    evidence_of(in_review)
    text = Evidence.objects.get().content.lower()
    assert "freya" not in text and "example" not in text


def test_a_worker_that_died_is_followed_by_one_that_goes_on_from_the_last_part(
    in_review: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def die(*_: object) -> object:
        raise KeyboardInterrupt

    def noted(name: str, part: parts.Part) -> parts.Part:
        def run(subject: parts.Subject, so_far: Part) -> object:
            done.append(name)
            return part(subject, so_far)

        return run

    whole = {name: noted(name, part) for name, part in parts.PARTS.items()}
    monkeypatch.setattr(packs, "PARTS", whole | {"past": die})
    with pytest.raises(KeyboardInterrupt):
        packs.work(evidence_id=asked(in_review).pk)
    assert packs.abandoned() == []  # the dead worker's lease still holds
    packs.work(evidence_id=asked(in_review).pk)
    assert done == ["about", "changes", "moves"]
    Evidence.objects.update(leased_until=Now() - timedelta(seconds=1))
    assert packs.abandoned() == [asked(in_review).pk]
    monkeypatch.setattr(packs, "PARTS", whole)
    evidence_of(in_review)
    assert done == list(parts.PARTS)


def test_whoever_lost_the_lease_writes_nothing(
    in_review: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_: object) -> object:
        Evidence.objects.update(fence=99)
        return {}

    monkeypatch.setattr(packs, "PARTS", {"about": overtaken})
    packs.work(evidence_id=asked(in_review).pk)
    row = asked(in_review)
    assert row.parts == {} and row.finished_at is None


def test_what_fails_again_and_again_is_given_up_and_can_be_asked_for_again(
    in_review: ModelVersion, cast: Cast
) -> None:
    Evidence.objects.update(tries=packs.MOST_TRIES)
    packs.work(evidence_id=asked(in_review).pk)
    assert "couldn't be computed" in asked(in_review).failed and packs.abandoned() == []
    packs.ask_again(version=in_review, actor=cast.mara, at=LATER)
    assert evidence_of(in_review)


def test_what_cant_be_computed_here_says_why(
    in_review: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise DomainError("cannot_compute", "There is no attribute “colour” here.")

    monkeypatch.setattr(packs, "PARTS", {"about": refuse})
    packs.work(evidence_id=asked(in_review).pk)
    assert asked(in_review).failed == "There is no attribute “colour” here."


def test_a_withdrawn_version_has_no_evidence_computed(in_review: ModelVersion, cast: Cast) -> None:
    request = asked(in_review)
    versions.withdraw(version=in_review, actor=cast.mara, at=NOW)
    packs.work(evidence_id=request.pk)
    request.refresh_from_db()
    assert "withdrawn" in request.failed
    again = versions.submit(version=in_review, actor=cast.mara, at=LATER)
    assert evidence_of(again) and again.evidence.count() == 2


@pytest.mark.parametrize("name", ["rob", "ada"])
def test_only_who_sends_or_reviews_asks_again(name: str, in_review: ModelVersion, cast: Cast) -> None:
    with pytest.raises(DomainError) as refusal:
        packs.ask_again(version=in_review, actor=getattr(cast, name), at=LATER)
    assert code(refusal) == "not_allowed"


def test_there_is_evidence_only_for_what_waits(approved: ModelVersion, cast: Cast) -> None:
    with pytest.raises(DomainError) as refusal:
        packs.ask_again(version=approved, actor=cast.mara, at=LATER)
    assert code(refusal) == "not_in_review"


def test_a_draft_that_was_withdrawn_can_still_be_discarded(in_review: ModelVersion, cast: Cast) -> None:
    evidence_of(in_review)
    versions.withdraw(version=in_review, actor=cast.mara, at=NOW)
    drafts.discard(version=in_review, actor=cast.mara, at=LATER)
    assert not Evidence.objects.exists()


def test_two_versions_have_evidence_of_their_own(live: ModelVersion, cast: Cast) -> None:
    second = versions.submit(
        version=drafts.start_from(version=live, actor=cast.mara, at=NOW), actor=cast.mara, at=NOW
    )
    approve(second, actor=cast.nina, at=NOW)
    mine = packs.seen_at_approval(second)
    assert mine is not None and mine.content["about"]["live_number"] == live.number
