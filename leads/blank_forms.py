"""Empty forms of what one may do with a lead: made only where none that looks the same is kept as HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.forms import Form
from django.utils import timezone

from leads.away_forms import SkipForm, SnoozeForm
from leads.forms import CallForm, OverrideForm, SignalForm
from leads.handoff_forms import ReturnForm
from leads.queue.mornings import Mornings
from leads.scorer import Scale


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty form that `make` makes. `looks` is all that its HTML depends on beside its template, the
    language and the time zone."""

    make: Callable[[], Form]
    looks: tuple[object, ...] = ()


def blank_forms(
    *, now: datetime, scale: Scale | None, refuses: bool, mornings: Mornings, vocabulary: UUID
) -> Mapping[str, Blank]:
    """By the names under which the panel has them. `vocabulary` is the revision of the signal types."""
    today, minute = timezone.localdate(now), now.replace(second=0, microsecond=0)
    # Mornings are days away: what they are for one moment of a day, they are for all.
    days = (mornings.hours, now.astimezone(mornings.hours.zone).date())
    return {
        "override_form": Blank(lambda: OverrideForm(scale=scale, now=now), (scale, today)),
        "call_form": Blank(lambda: CallForm(refuses=refuses), (refuses,)),
        "signal_form": Blank(lambda: SignalForm(now=now), (vocabulary, minute)),
        "skip_form": Blank(lambda: SkipForm(mornings=mornings, now=now), days),
        "snooze_form": Blank(lambda: SnoozeForm(mornings=mornings, now=now), days),
        "return_form": Blank(ReturnForm),
    }
