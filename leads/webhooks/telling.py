"""Taking marks and writing the messages that they stand for, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from leads.models import Lead, Override, WebhookMark
from leads.scorer import Fired, Reason, scorer
from leads.webhook_marks import mark_overrides_that_ended
from leads.webhooks.data import Known, data_of
from leadscoring.hooks.emitting import News, emit
from leadscoring.hooks.models import EventKind

AT_ONCE = 500
_TAKE = """
DELETE FROM leads_webhookmark WHERE sequence IN
    (SELECT sequence FROM leads_webhookmark ORDER BY sequence LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING *
"""


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Write the messages of some marks, overrides that ended by themselves among them; how many marks were
    taken."""
    mark_overrides_that_ended(at=now)
    marks = sorted(WebhookMark.objects.raw(_TAKE, [AT_ONCE]), key=lambda mark: mark.sequence)
    if marks:
        known = _known(marks)
        emit([news for mark in marks if (news := _news(mark, known))], now=now)
    return len(marks)


def _news(mark: WebhookMark, known: Known) -> News | None:
    """What is to be told of a mark; None where nothing is: the lead is gone, or came from nowhere to the
    lowest band, or another override took this one's place, of which a mark of its own tells."""
    if mark.lead_id not in known.leads or _is_nothing(mark, known):
        return None
    points = (mark.total or 0) - (mark.previous_total or 0)
    return News(
        EventKind(mark.kind), mark.at, data_of(mark, known), mark.lead_id, mark.sequence, points=points
    )


def _is_nothing(mark: WebhookMark, known: Known) -> bool:
    if mark.kind == EventKind.OVERRIDE_ENDED:
        return mark.override_id in known.replaced
    if mark.kind != EventKind.BAND or mark.previous_band is not None:
        return False
    return known.band(mark.version_id, mark.band) == known.lowest_band(mark.version_id)


def _reasons(marks: Sequence[WebhookMark]) -> dict[int, Sequence[Reason]]:
    """Why the scores were what they were, by the marks' sequence."""
    scored = [mark for mark in marks if mark.version_id is not None and mark.hits is not None]
    fired = [
        Fired(mark.version_id or 0, mark.hits or 0, mark.counts or (), mark.weights or ()) for mark in scored
    ]
    said = scorer().reasons_of(fired)
    return {mark.sequence: reasons for mark, reasons in zip(scored, said, strict=True)}


def _known(marks: Sequence[WebhookMark]) -> Known:
    """What the messages of these marks need, in a few queries however many they are."""
    ids = {mark.lead_id for mark in marks}
    named = [mark.override_id for mark in marks if mark.override_id]
    overrides = Override.objects.filter(lead__in=ids, ends_at__gt=min(mark.at for mark in marks))
    by_id = {override.pk: override for override in overrides}
    by_id |= Override.objects.in_bulk(named)
    before = [one.replaces_id for one in by_id.values() if one.replaces_id]
    by_id |= Override.objects.in_bulk(before)
    return Known(
        leads=Lead.objects.filter(absorbed_into=None).in_bulk(ids),
        overrides=by_id,
        replaced=frozenset(before),
        scales=scorer().scales(),
        reasons=_reasons(marks),
    )
