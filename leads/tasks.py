"""Celery's part of leads: short turns of work that PostgreSQL remembers. Any may die, come twice or late."""

from celery import shared_task
from django.utils import timezone

from leads import orphaned_overrides, second_looks
from leads.bulk import work as bulk_work
from leads.imports import storage as import_files
from leads.imports import work as import_work
from leads.intake import inbox, quarantine
from leads.intake import work as intake_work
from leads.models.notice import Channel
from leads.notices import outbox, watching
from leads.response import refresh
from leads.webhooks import telling
from leadscoring.hints import SWEPT_SECONDS, Hint, in_turns

# Two workers share all that there is to do, so whoever has much to do lets others have their turn.
SHORT_SECONDS = 1.0
INBOX_SECONDS = 5.0
BULK_SECONDS = 10.0
# Each turn begins by reading over what is imported already, so it must not be too short.
IMPORT_SECONDS = 60.0


@shared_task
def refresh_responses() -> None:
    """Set the response clocks of leads where something happened."""
    in_turns(
        refresh.refresh, SHORT_SECONDS, again=Hint("leads.tasks.refresh_responses", expires=SWEPT_SECONDS)
    )


@shared_task
def work_bulk_jobs() -> None:
    """Carry on the jobs that change many leads, each for a short turn."""
    for job_id in bulk_work.waiting_jobs():
        bulk_work.work(job_id=job_id, seconds=BULK_SECONDS)


@shared_task
def work_inbox() -> None:
    """Use what came in."""
    in_turns(intake_work.work, INBOX_SECONDS, again=inbox.nudge)


@shared_task
def forget_intake() -> None:
    """Remove what could not be used for very long."""
    quarantine.forget(at=timezone.now())


@shared_task
def work_imports() -> None:
    """Carry on the oldest import of a file that nobody works on."""
    for job_id in import_work.waiting()[:1]:
        import_work.work(job_id=job_id, seconds=IMPORT_SECONDS)


@shared_task
def forget_files() -> None:
    """Remove uploaded files that were imported long ago."""
    import_files.forget_old(at=timezone.now())


@shared_task
def end_orphaned_overrides() -> None:
    """End the overrides of leads that went over to a model without the band that was set."""
    orphaned_overrides.end_of_moved_leads(at=timezone.now())


@shared_task
def draw_second_looks() -> None:
    """Draw the second looks of teams whose day has begun."""
    second_looks.draw_due(now=timezone.now())


@shared_task
def watch() -> None:
    """Tell people what happened that concerns them."""
    watching.watch(now=timezone.now())


@shared_task
def send_notices() -> None:
    """Send the mail that is in the outbox."""
    _send(Channel.EMAIL, again=Hint("leads.tasks.send_notices", expires=SWEPT_SECONDS))


@shared_task
def post_to_chats() -> None:
    """Post what is in the outbox for chats."""
    _send(Channel.CHAT, again=Hint("leads.tasks.post_to_chats", expires=SWEPT_SECONDS))


def _send(channel: Channel, *, again: Hint) -> None:
    in_turns(lambda: outbox.send_due(channel, now=timezone.now()), SHORT_SECONDS, again=again)


@shared_task
def tell_programs() -> None:
    """Write messages of what was marked for webhooks."""
    again = Hint("leads.tasks.tell_programs", expires=SWEPT_SECONDS)
    in_turns(lambda: telling.tell(now=timezone.now()), SHORT_SECONDS, again=again)
