"""Notes on a lead, and who may change them."""

from datetime import timedelta

import pytest

from leads import activities
from leads.activities import log_of
from leads.models import Activity
from leads.notes import LONGEST, add_note, change_note
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from tests.leads.work.conftest import NOW, Cast, make_lead


def refused(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_a_note_is_in_the_log_and_its_author_changes_it_for_a_day(cast: Cast) -> None:
    lead = make_lead(cast.north)
    note = add_note(lead_id=lead.pk, text=" Call in May. ", actor=cast.alice, at=NOW)
    assert [(deed.verb, deed.note) for deed in log_of(lead)] == [("note", "Call in May.")]
    change_note(note_id=note.pk, text="Call in June.", actor=cast.alice, at=NOW + timedelta(days=1))
    assert [(deed.verb, deed.note) for deed in log_of(lead)] == [
        ("note_changed", "Call in May."),
        ("note", "Call in June."),
    ]
    late = NOW + timedelta(days=1, microseconds=1)
    for user, at, code in (
        (cast.bob, NOW, "note.not_yours"),
        (cast.carol, NOW, "note.not_yours"),
        (cast.dan, NOW, "note.not_found"),
        (cast.alice, late, "note.too_late"),
    ):
        with refused(code):
            change_note(note_id=note.pk, text="x", actor=user, at=at)
    actions = AuditEntry.objects.filter(action__startswith="note.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["note.added", "note.changed"]
    assert "June" not in str(list(actions.values_list("data", flat=True)))


def test_a_note_can_be_taken_back_and_then_not_changed(cast: Cast) -> None:
    note = add_note(lead_id=make_lead(cast.north).pk, text="x", actor=cast.alice, at=NOW)
    activities.undo(activity_id=note.pk, actor=cast.alice, at=NOW)
    with refused("note.not_found"):
        change_note(note_id=note.pk, text="y", actor=cast.alice, at=NOW)


def test_a_change_of_a_note_is_undone_step_by_step_and_not_past_a_later_one(cast: Cast) -> None:
    note = add_note(lead_id=make_lead(cast.north).pk, text="Call in May.", actor=cast.alice, at=NOW)
    for minutes, text in ((1, "Call in June."), (2, "Call in July."), (3, "Call in July.")):
        at = NOW + timedelta(minutes=minutes)
        change_note(note_id=note.pk, text=text, actor=cast.alice, at=at)
    first, second = Activity.objects.filter(verb=Activity.Verb.NOTE_CHANGED).order_by("at")
    with refused("activity.over"):
        activities.undo(activity_id=first.pk, actor=cast.alice, at=NOW)
    with refused("activity.not_yours"):
        activities.undo(activity_id=second.pk, actor=cast.bob, at=NOW)
    for change, text in ((second, "Call in June."), (first, "Call in May.")):
        activities.undo(activity_id=change.pk, actor=cast.carol, at=NOW)
        note.refresh_from_db()
        assert note.note == text
    assert AuditEntry.objects.filter(action="activity.undone").count() == 2


def test_a_change_of_a_note_that_was_taken_back_has_nothing_to_undo(cast: Cast) -> None:
    note = add_note(lead_id=make_lead(cast.north).pk, text="x", actor=cast.alice, at=NOW)
    change_note(note_id=note.pk, text="y", actor=cast.alice, at=NOW)
    activities.undo(activity_id=note.pk, actor=cast.alice, at=NOW)
    change = Activity.objects.get(verb=Activity.Verb.NOTE_CHANGED)
    with refused("activity.over"):
        activities.undo(activity_id=change.pk, actor=cast.alice, at=NOW)


def test_only_who_works_the_lead_writes_and_never_nothing(cast: Cast) -> None:
    lead = make_lead(cast.north)
    for user, code in ((cast.mia, "lead.not_yours"), (cast.dan, "lead.not_found")):
        with refused(code):
            add_note(lead_id=lead.pk, text="x", actor=user, at=NOW)
    for text in ("", " \0 ", "x" * (LONGEST + 1)):
        with refused("note.text"):
            add_note(lead_id=lead.pk, text=text, actor=cast.alice, at=NOW)
