"""The part of a team's form that says when it is at work."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadscoring.people.hours import Span, TeamHours, hours_of, zones
from leadscoring.people.models import Team

LONGEST = 200
CLOSES_AT_MIDNIGHT = 24 * 60


class DaysField(forms.CharField):
    """Days, one a line, as 2026-12-25."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 20})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(day.isoformat() for day in sorted(value)) if isinstance(value, frozenset) else value

    def to_python(self, value: Any) -> Any:
        return frozenset(_day(line) for line in str(value or "").split())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)

    def validate(self, value: Any) -> None:
        if len(value) > LONGEST:
            raise forms.ValidationError(_("These are more days than a year has weekends."))


def opening_fields() -> list[tuple[str, str]]:
    """The names of the two fields of each weekday, from Monday."""
    return [(f"opens_{weekday}", f"closes_{weekday}") for weekday in range(7)]


def _time_fields() -> Iterator[tuple[str, forms.Field]]:
    labels = (gettext_lazy("{day} from"), gettext_lazy("{day} until"))
    for weekday, names in enumerate(opening_fields()):
        for name, label in zip(names, labels, strict=True):
            widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            said = format_lazy(label, day=WEEKDAYS[weekday])
            yield name, forms.TimeField(label=said, required=False, widget=widget)


class HoursForm(forms.ModelForm[Team]):
    """Time zone, opening hours by weekday and holidays; for everybody who may set them."""

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        choices=lambda: [(name, name.replace("_", " ")) for name in zones()],
        help_text=gettext_lazy("Opening hours and holidays are by this clock."),
    )
    holidays = DaysField(
        label=gettext_lazy("Holidays"),
        required=False,
        help_text=gettext_lazy("Days on which nobody works, one a line, such as 2026-12-25."),
    )

    # A field for when each weekday's hours begin, and one for when they end.
    vars().update(_time_fields())

    class Meta:
        model = Team
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = hours_of(self.instance) if self.instance.pk else TeamHours()
        self.fields["time_zone"].initial = hours.time_zone
        self.fields["holidays"].initial = hours.holidays
        for weekday, name in enumerate(opening_fields()):
            for field_name, minutes in zip(name, hours.week.get(weekday, (None, None)), strict=True):
                self.fields[field_name].initial = _as_time(minutes)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for weekday, (opens, closes) in enumerate(opening_fields()):
            try:
                self._span(weekday)
            except ValueError as error:
                self.add_error(opens if self.cleaned_data.get(opens) is None else closes, str(error))
        return cleaned

    @property
    def hours(self) -> TeamHours:
        """What was filled in, once the form is valid."""
        week = {weekday: span for weekday in range(7) if (span := self._span(weekday))}
        zone = self.cleaned_data["time_zone"] or self.instance.time_zone
        return TeamHours(zone, week, self.cleaned_data["holidays"])

    def _span(self, weekday: int) -> Span | None:
        """The hours of that day; None for closed. Raises ValueError with a sentence."""
        opens, closes = (_minutes(self.cleaned_data.get(name)) for name in opening_fields()[weekday])
        if opens is None and closes is None:
            return None
        if opens is None or closes is None:
            raise ValueError(_("Say from when and until when, or neither."))
        closes = closes or CLOSES_AT_MIDNIGHT
        if opens >= closes:
            raise ValueError(_("A day's hours end after they begin."))
        return opens, closes


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(
            _("“%(text)s” is not a day: write it as 2026-12-25.") % {"text": text[:40]}
        ) from None


def _as_time(minutes: int | None) -> time | None:
    return None if minutes is None else time(minutes // 60 % 24, minutes % 60)


def _minutes(value: time | None) -> int | None:
    return None if value is None else value.hour * 60 + value.minute
