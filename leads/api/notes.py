"""Notes of people on a lead. Their authors change them for a day."""

from typing import Any

from django.db import transaction
from rest_framework import serializers

from leads import access, activities, notes
from leads.api.queue import WORKERS
from leads.api.shown import Named
from leads.models import Activity
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope


class NoteBody(Body):
    text = Text(max_length=notes.LONGEST)


class NoteShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    lead = serializers.IntegerField(source="lead_id")
    author = Named(source="actor")
    at = serializers.DateTimeField()
    text = serializers.CharField(source="note")


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(NoteShown))
def list_notes(call: Call, lead_id: int) -> Listed:
    """The notes on a lead that were not taken back, the latest first."""
    log = activities.log_of(access.get_lead(call.user, lead_id))
    return newest_first(log.filter(verb=Activity.Verb.NOTE, undone_at=None), call.query)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=NoteBody,
    gives=NoteShown,
    statuses=(201,),
    examples={"A hint": {"text": "Prefers calls after 16:00."}},
)
def add_note(call: Call, lead_id: int) -> Given:
    """Write a note on a lead."""
    return _given(notes.add_note(lead_id=lead_id, text=call.body["text"], actor=call.user, at=call.at))


@operation(scope=Scope.READ, roles=WORKERS, gives=NoteShown)
def show_note(call: Call, note_id: int) -> Given:
    """A note of yours while you may change it."""
    return _given(notes.note_of(note_id, actor=call.user, at=call.at))


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=NoteBody,
    gives=NoteShown,
    matches=True,
    examples={"Another hour": {"text": "Prefers calls after 17:00."}},
)
def change_note(call: Call, note_id: int) -> Given:
    """Change your own note, within a day."""
    with transaction.atomic():
        note = notes.note_of(note_id, actor=call.user, at=call.at)
        access.lock_to_see(call.user, note.lead_id)
        note.refresh_from_db(fields=("note",))
        check_match(call.request, _tag(note))
        return _given(notes.change_note(note_id=note_id, text=call.body["text"], actor=call.user, at=call.at))


def _given(note: Activity) -> Given:
    return Given(note, headers={"ETag": _tag(note)})


def _tag(note: Activity) -> str:
    return etag_of([note.pk, note.note])


of_lead = resource(get=list_notes, post=add_note)
one = resource(get=show_note, patch=change_note)
