"""Notes of people on a lead: lines of its log, which their authors may change for a day, and change back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.models import Activity, Lead
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

LONGEST = 2_000
CHANGED_WITHIN = timedelta(days=1)


@transaction.atomic
def add_note(*, lead_id: int, text: str, actor: User, at: datetime) -> Activity:
    """Write a note on a lead, open or closed.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `note.text`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    note = Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.NOTE, at=at, note=_checked(text)
    )
    record(action="note.added", target=note, actor=actor, at=at, lead=lead.pk)
    return note


@transaction.atomic
def change_note(*, note_id: int, text: str, actor: User, at: datetime) -> Activity:
    """Change one's own note within a day; what it said before stays in the lead's log.

    Raises DomainError: `note.not_found`, `lead.not_found`, `note.not_yours`, `note.too_late`, `note.text`.
    """
    note = note_of(note_id, actor=actor, at=at)
    access.lock_to_see(actor, note.lead_id)
    note.refresh_from_db(fields=("note",))
    before, note.note = note.note, _checked(text)
    if note.note == before:
        return note
    note.save(update_fields=("note",))
    Activity.objects.create(
        lead=note.lead,
        actor=actor,
        verb=Activity.Verb.NOTE_CHANGED,
        at=at,
        note=before,
        before={"of": note.pk, "to": note.note},
    )
    record(action="note.changed", target=note, actor=actor, at=at, lead=note.lead_id)
    return note


def undo_change(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Let a note say what it said before. Raises DomainError `activity.over` where it was changed since."""
    note = Activity.objects.filter(pk=activity.before["of"], undone_at=None).first()
    if note is None or note.note != activity.before["to"]:
        raise DomainError("activity.over", _("This note was changed or taken back since."))
    note.note = activity.note
    note.save(update_fields=("note",))


def note_of(note_id: int, *, actor: User, at: datetime) -> Activity:
    """A note that this person may change then. Raises DomainError as `change_note` does."""
    notes = Activity.objects.filter(verb=Activity.Verb.NOTE, undone_at=None).select_related("lead", "actor")
    note = notes.filter(pk=note_id, lead__in=access.visible_leads(actor)).first()
    if note is None:
        raise DomainError("note.not_found", _("There is no such note."))
    if note.actor_id != actor.pk:
        raise DomainError("note.not_yours", _("Only %(person)s can change this.") % {"person": note.actor})
    if at - note.at > CHANGED_WITHIN:
        raise DomainError("note.too_late", _("A note can be changed for one day only."))
    return note


def _checked(text: str) -> str:
    text = text.replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        raise DomainError("note.text", _("Write up to 2,000 characters."))
    return text
