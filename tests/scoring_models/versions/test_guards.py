"""What the database keeps by itself: every rule again, by raw SQL through the app's role."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from leadscoring.actors import acting
from leadscoring.people.models import User
from scoring_models import drafts, versions
from scoring_models.evidence_pack import packs
from scoring_models.models import Activation, ModelVersion, Review, Rule
from scoring_models.spec import Spec
from scoring_models.spec_text import spec_of
from tests.scoring_models.approving import evidence_of
from tests.scoring_models.versions.conftest import LATER, NOW, Cast, next_version


def run(statement: str, *values: int | str | bool | datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def refused(sentence: str, error: type[DatabaseError] = IntegrityError) -> Iterator[None]:
    """The block is refused by the database with that sentence, and its transaction undone."""
    with pytest.raises(error, match=sentence), transaction.atomic():
        yield


def editors(version: ModelVersion) -> set[User]:
    return {editor.user for editor in version.editors.select_related("user")}


PARTS = ("rule", "band", "versionlist", "goldenlead")


# Editors.


@pytest.mark.parametrize("part", PARTS)
def test_whoever_changes_or_removes_a_part_is_an_editor(part: str, draft: ModelVersion, cast: Cast) -> None:
    assert editors(draft) == {cast.mara}
    with acting(cast.milo):
        run(f"UPDATE scoring_models_{part} SET version_id = version_id WHERE version_id = %s", draft.pk)
    assert editors(draft) == {cast.mara, cast.milo}
    with acting(cast.sue):
        run(f"DELETE FROM scoring_models_{part} WHERE version_id = %s", draft.pk)
    assert editors(draft) == {cast.mara, cast.milo, cast.sue}


def test_whoever_adds_a_part_is_an_editor(draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.milo):
        run(
            "INSERT INTO scoring_models_versionlist (version_id, name, values) VALUES (%s, 'more', '{}')",
            draft.pk,
        )
    assert editors(draft) == {cast.mara, cast.milo}


def test_whoever_changes_a_setting_is_an_editor(draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.milo):
        run("UPDATE scoring_models_modelversion SET fit_cap = 41 WHERE id = %s", draft.pk)
    assert editors(draft) == {cast.mara, cast.milo}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_of_a_version_changes_where_nobody_acts(part: str, draft: ModelVersion) -> None:
    with refused("Nobody acts here"):
        run(f"DELETE FROM scoring_models_{part} WHERE version_id = %s", draft.pk)
    with refused("Nobody acts here"):
        run("UPDATE scoring_models_modelversion SET fit_cap = 41 WHERE id = %s", draft.pk)
    with refused("Nobody acts here"):
        run("DELETE FROM scoring_models_modelversion WHERE id = %s", draft.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM scoring_models_versioneditor",
        "UPDATE scoring_models_versioneditor SET user_id = 1",
        "INSERT INTO scoring_models_versioneditor (version_id, user_id, first_at) VALUES (1, 1, now())",
        "SELECT scoring_models_note_editor(1)",
        "ALTER TABLE scoring_models_review DISABLE TRIGGER ALL",
        "DROP TRIGGER review_given ON scoring_models_review",
        "SET session_replication_role = replica",
        "DELETE FROM scoring_models_review",
        "UPDATE scoring_models_review SET decision = 'approve'",
        "TRUNCATE scoring_models_activation",
        "CREATE OR REPLACE FUNCTION scoring_models_actor() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    ],
)
def test_the_app_may_not_touch_the_record_or_its_keepers(statement: str, in_review: ModelVersion) -> None:
    with refused("permission denied|must be owner", ProgrammingError):
        run(statement)


# Frozen.


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_a_frozen_version_neither_change_nor_go_nor_come(
    part: str, in_review: ModelVersion, cast: Cast
) -> None:
    table = f"scoring_models_{part}"
    with acting(cast.mara):
        with refused("sent for approval is frozen"):
            run(f"UPDATE {table} SET version_id = version_id WHERE version_id = %s", in_review.pk)
        with refused("sent for approval is frozen"):
            run(f"DELETE FROM {table} WHERE version_id = %s", in_review.pk)
        with refused("sent for approval is frozen"):
            run(
                "INSERT INTO scoring_models_versionlist (version_id, name, values) VALUES (%s, 'x', '{}')",
                in_review.pk,
            )


def test_a_part_never_moves_to_another_version(in_review: ModelVersion, cast: Cast, reference: Spec) -> None:
    draft = drafts.create(spec=reference, actor=cast.mara, at=NOW)
    with acting(cast.mara):
        move = (
            "UPDATE scoring_models_rule SET version_id = %s, key = 'x' WHERE version_id = %s AND points = 5"
        )
        for source, target in ((in_review, draft), (draft, in_review)):
            with refused("never moves to another"):
                run(move, target.pk, source.pk)


@pytest.mark.parametrize(
    "change",
    [
        "fit_cap = 1",
        "fit_cap = NULL, state = 'draft', frozen = '', digest = ''",
        "note = 'better'",
        "frozen = 'x'",
        "digest = repeat('0', 64)",
        "frozen = 'x', digest = encode(sha256('x'), 'hex')",
        "state = 'approved', floor = 5",
        "submitted_at = now()",
    ],
)
def test_a_frozen_version_does_not_change(change: str, in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara), refused("frozen|can't go from in_review to in_review"):
        run(f"UPDATE scoring_models_modelversion SET {change} WHERE id = %s", in_review.pk)


@pytest.mark.parametrize(
    "change", ["state = 'draft', frozen = '', digest = ''", "state = 'in_review'", "fit_cap = 1"]
)
def test_an_approved_version_does_not_change_at_all(change: str, approved: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina), refused("can't go from approved"):
        run(f"UPDATE scoring_models_modelversion SET {change} WHERE id = %s", approved.pk)


@pytest.mark.parametrize(
    "change", ["number = 9", "model_id = model_id + 1", "created_by_id = 1", "based_on_id = id"]
)
def test_what_identifies_a_version_never_changes(change: str, draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara), refused("identifies a version"):
        run(f"UPDATE scoring_models_modelversion SET {change} WHERE id = %s", draft.pk)


def test_a_draft_does_not_skip_the_review(live: ModelVersion, cast: Cast, reference: Spec) -> None:
    draft = drafts.create(spec=reference, actor=cast.mara, at=NOW)
    frozen = "frozen = 'x', digest = encode(sha256('x'), 'hex')"
    with acting(cast.nina):
        with refused("can't go from draft to approved"):
            run(
                f"UPDATE scoring_models_modelversion SET state = 'approved', {frozen} WHERE id = %s", draft.pk
            )
        run(
            f"UPDATE scoring_models_modelversion SET state = 'in_review', submitted_by_id = %s, {frozen}"
            " WHERE id = %s",
            cast.nina.pk,
            draft.pk,
        )
        with refused("Somebody who edited nothing in it approves"):
            run("UPDATE scoring_models_modelversion SET state = 'approved' WHERE id = %s", draft.pk)


def test_a_version_is_frozen_with_the_digest_of_its_text_by_who_acts(draft: ModelVersion, cast: Cast) -> None:
    statement = (
        "UPDATE scoring_models_modelversion SET state = 'in_review', frozen = 'x', digest = {}, "
        "submitted_by_id = %s WHERE id = %s"
    )
    with acting(cast.mara):
        with refused("digest of its text"):
            run(statement.format("repeat('0', 64)"), cast.mara.pk, draft.pk)
        with refused("by who acts"):
            run(statement.format("encode(sha256('x'), 'hex')"), cast.milo.pk, draft.pk)


def test_nobody_rejects_without_a_review(in_review: ModelVersion, cast: Cast) -> None:
    statement = "UPDATE scoring_models_modelversion SET state = 'rejected' WHERE id = %s"
    with acting(cast.nina):
        for decision, evidence in (("approve", evidence_of(in_review)), ("return", "")):
            review(in_review, cast.nina, decision=decision, evidence=evidence)
            with refused("Somebody who edited nothing in it rejects"):
                run(statement, in_review.pk)
        review(in_review, cast.nina, decision="reject")
        with refused("is frozen"):
            run(statement.replace("WHERE", ", floor = 5 WHERE"), in_review.pk)
        run(statement, in_review.pk)


@pytest.mark.parametrize(
    "change",
    ["state = 'draft', frozen = '', digest = ''", "state = 'in_review'", "state = 'approved'", "floor = 5"],
)
def test_a_rejected_version_does_not_change_at_all(change: str, in_review: ModelVersion, cast: Cast) -> None:
    versions.reject(version=in_review, digest=in_review.digest, actor=cast.nina, at=NOW, comment="No.")
    for actor in (cast.mara, cast.nina, cast.sue):
        with acting(actor), refused("can't go from rejected"):
            run(f"UPDATE scoring_models_modelversion SET {change} WHERE id = %s", in_review.pk)


def test_every_version_begins_as_a_draft(draft: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara), refused("begins as a draft"):
        run(
            "INSERT INTO scoring_models_modelversion"
            " (model_id, number, state, note, created_by_id, created_at, frozen, digest)"
            " SELECT model_id, 7, 'approved', '', created_by_id, now(), 'x', 'x'"
            " FROM scoring_models_modelversion WHERE id = %s",
            draft.pk,
        )


def test_a_version_that_was_sent_is_not_deleted(in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara), refused("is kept"):
        run("DELETE FROM scoring_models_modelversion WHERE id = %s", in_review.pk)


# Reviews.


def review(
    version: ModelVersion,
    reviewer: User,
    *,
    digest: str | None = None,
    decision: str = "approve",
    evidence: str = "",
) -> None:
    run(
        "INSERT INTO scoring_models_review (version_id, decision, digest, reviewer_id, at, comment, evidence)"
        " VALUES (%s, %s, %s, %s, now(), '', %s)",
        version.pk,
        decision,
        digest or version.digest,
        reviewer.pk,
        evidence,
    )


@pytest.mark.parametrize("decision", ["approve", "return", "reject"])
@pytest.mark.parametrize("name", ["milo", "sue", "both"])
def test_an_editor_does_not_review(decision: str, name: str, draft: ModelVersion, cast: Cast) -> None:
    editor = getattr(cast, name)
    with acting(editor):
        Rule.objects.filter(version=draft, key="comments").update(points=21)
    sent = versions.submit(version=draft, actor=cast.mara, at=NOW)
    with acting(editor), refused("Who edited a version doesn't review it"):
        review(sent, editor, decision=decision)
    assert not Review.objects.exists()


def test_nobody_reviews_in_another_name(in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.mara), refused("Everybody reviews for themselves"):
        review(in_review, cast.nina)
    with refused("Nobody acts here"):
        review(in_review, cast.nina)


def test_a_review_is_of_what_waits_now(in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina):
        with refused("not the one that the reviewer saw"):
            review(in_review, cast.nina, digest="0" * 64)
        review(in_review, cast.nina, evidence=evidence_of(in_review))
        run("UPDATE scoring_models_modelversion SET state = 'approved' WHERE id = %s", in_review.pk)
        with refused("waits for approval is reviewed"):
            review(in_review, cast.nina)


def test_a_temporary_table_does_not_stand_in_for_the_editors(in_review: ModelVersion, cast: Cast) -> None:
    run("CREATE TEMPORARY TABLE scoring_models_versioneditor (version_id bigint, user_id bigint)")
    with acting(cast.mara), refused("Who edited a version doesn't review it"):
        review(in_review, cast.mara)


def test_an_approval_names_the_newest_evidence_about_that_text(in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina), refused("not the one that the reviewer saw"):
        review(in_review, cast.nina)
    first = evidence_of(in_review)
    packs.ask_again(version=in_review, actor=cast.mara, at=LATER)
    second = evidence_of(in_review)
    assert first != second
    with acting(cast.nina), refused("not the one that the reviewer saw"):
        review(in_review, cast.nina, evidence=first)
    with acting(cast.nina):
        review(in_review, cast.nina, evidence=second)


def test_whole_evidence_does_not_change_and_stays_while_a_review_rests_on_it(
    approved: ModelVersion, cast: Cast
) -> None:
    evidence = approved.evidence.get()
    for column, value in (("content", "{}"), ("sha256", "0" * 64), ("failed", "No."), ("fence", 9)):
        with refused("Evidence that is whole is frozen"):
            run(f"UPDATE scoring_models_evidence SET {column} = %s WHERE id = %s", value, evidence.pk)
    with refused("Evidence that a review rests on is kept"):
        run("DELETE FROM scoring_models_evidence WHERE id = %s", evidence.pk)


def test_evidence_is_frozen_with_the_digest_of_its_text(in_review: ModelVersion, cast: Cast) -> None:
    with refused("frozen with the digest of its text"):
        run("UPDATE scoring_models_evidence SET content = '{}', sha256 = 'x', finished_at = now()")
    with refused("What evidence is about never changes"):
        run("UPDATE scoring_models_evidence SET as_of = now()")
    with refused("asked for before it is whole"):
        run(
            "INSERT INTO scoring_models_evidence (version_id, digest, as_of, requested_by_id, parts, tries,"
            " fence, failed, content, sha256, finished_at)"
            " SELECT version_id, digest, as_of, requested_by_id, '{}', 0, 0, '', '', '', now()"
            " FROM scoring_models_evidence"
        )


# Activations.


def put_live(version: ModelVersion, actor: User, *, exception: bool = False, ends: str = "NULL") -> None:
    run(
        "INSERT INTO scoring_models_activation"
        " (model_id, version_id, starts_at, ends_at, activated_by_id, set_up_exception)"
        f" VALUES (%s, %s, %s, {ends}, %s, %s)",
        version.model_id,
        version.pk,
        LATER,
        actor.pk,
        exception,
    )


def end(version: ModelVersion) -> None:
    run("UPDATE scoring_models_activation SET ends_at = %s WHERE version_id = %s", LATER, version.pk)


def test_a_draft_and_a_version_in_review_do_not_go_live(in_review: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina):
        for exception in (False, True):
            with refused("Only an approved version"):
                put_live(in_review, cast.nina, exception=exception)


def test_what_nobody_approved_goes_live_only_by_the_set_up_exception(
    in_review: ModelVersion, cast: Cast
) -> None:
    with acting(cast.nina):
        run("UPDATE scoring_models_modelversion SET state = 'approved' WHERE id = %s", in_review.pk)
        with refused("Nobody has approved"):
            put_live(in_review, cast.nina)
        put_live(in_review, cast.nina, exception=True)
    assert Activation.objects.get().set_up_exception


def test_the_set_up_exception_comes_once_a_model(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    with acting(cast.nina):
        end(live)
        with refused("never live"):
            put_live(second, cast.nina, exception=True)
        put_live(second, cast.nina)


def test_a_version_goes_live_in_its_own_model_and_by_who_acts(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    with acting(cast.nina):
        end(live)
        with refused("in their own name"):
            put_live(second, cast.noel)
        with refused("ends later"):
            put_live(second, cast.nina, ends="now()")
        other = drafts.create(spec=spec_of(live), actor=cast.mara, at=NOW)
        with refused("Only an approved version of the model"):
            put_live(other, cast.nina)


def test_one_version_of_a_model_is_live_at_a_time(live: ModelVersion, cast: Cast) -> None:
    second = next_version(live, cast, at=NOW)
    with acting(cast.nina), refused("scoring_one_live_version"):
        put_live(second, cast.nina)


def test_what_was_live_stays_on_record(live: ModelVersion, cast: Cast) -> None:
    with acting(cast.nina):
        with refused("stays on record"):
            run("DELETE FROM scoring_models_activation")
        for change in ("version_id = version_id + 1", "starts_at = now()", "set_up_exception = true"):
            with refused("only ends, once"):
                run(f"UPDATE scoring_models_activation SET {change}")
        end(live)
        for change in ("ends_at = NULL", "ends_at = now()"):
            with refused("only ends, once"):
                run(f"UPDATE scoring_models_activation SET {change}")
