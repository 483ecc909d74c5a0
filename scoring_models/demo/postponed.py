"""What Larkfield's reps put off: snoozes and skips, by the product's own verbs."""

from datetime import datetime, timedelta

from leads.models import Score, SkipReason
from leads.queue import skips, snoozes
from leadscoring.people.roles import Role

# Days ago, for how many days, note: some are back by now.
SNOOZES = (
    (0.4, 6.0, "Out of office until next week."),
    (2.2, 2.1, "Wanted to look at it with her team first."),
    (1.3, 12.0, "Stock-taking; call after it."),
    (3.5, 3.3, "Asked for two days to read the offer."),
    (0.2, 2.5, ""),
)
SKIPS = (
    (SkipReason.RESEARCH, "Find out who decides on the warehouse in Lyon."),
    (SkipReason.BAD_TIME, ""),
)


def put_off(*, now: datetime) -> None:
    """Let reps snooze and skip some of their better leads. Needs scores."""
    ranked = Score.objects.filter(is_open=True, total__gte=31, lead__owner__groups__name=Role.REP)
    leads = [score.lead for score in ranked.select_related("lead__owner").order_by("-total", "lead_id")[4::9]]
    for (ago, length, note), lead in zip(SNOOZES, leads, strict=False):
        assert lead.owner is not None
        at = now - timedelta(days=ago)
        until = at + timedelta(days=length)
        snoozes.snooze(lead_id=lead.pk, until=until, actor=lead.owner, at=at, note=note)
    for (reason, note), lead in zip(SKIPS, leads[len(SNOOZES) :], strict=False):
        assert lead.owner is not None
        at = now - timedelta(hours=2)
        skips.skip(lead_id=lead.pk, reason=reason, actor=lead.owner, at=at, note=note)
