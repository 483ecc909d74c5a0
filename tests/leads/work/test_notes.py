"""Notes on a lead, and who may change them."""

from datetime import timedelta

import pytest

from leads import activities
from leads.activities import log_of
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
    assert log_of(lead)[0].note == "Call in June."
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


def test_only_who_works_the_lead_writes_and_never_nothing(cast: Cast) -> None:
    lead = make_lead(cast.north)
    for user, code in ((cast.mia, "lead.not_yours"), (cast.dan, "lead.not_found")):
        with refused(code):
            add_note(lead_id=lead.pk, text="x", actor=user, at=NOW)
    for text in ("", " \0 ", "x" * (LONGEST + 1)):
        with refused("note.text"):
            add_note(lead_id=lead.pk, text=text, actor=cast.alice, at=NOW)
