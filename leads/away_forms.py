"""What people fill in to put a lead off."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from leads.forms import note_field
from leads.models import SkipReason
from leads.queue.mornings import Mornings
from leads.queue.snoozes import GREATEST_LENGTH
from leadscoring.local_times import LocalTimeInput, zoned

AT = "at"


class SkipForm(forms.Form):
    """Why one leaves a lead for later."""

    reason = forms.ChoiceField(label=_("Why not now?"), choices=SkipReason, widget=forms.RadioSelect)
    note = note_field()

    def __init__(self, data: QueryDict | None = None, *, mornings: Mornings, now: datetime) -> None:
        super().__init__(data, auto_id="skip_%s")
        back = say_at(mornings.after(1, now=now), mornings)
        self.fields["note"].help_text = _(
            "You see this lead again on %(day)s. Others see it all the time."
        ) % {"day": back}


class SnoozeForm(forms.Form):
    """Until when nobody works a lead."""

    when = forms.ChoiceField(label=_("Until when?"), widget=forms.RadioSelect)
    until = forms.DateTimeField(
        label=zoned(_("Date and time")),
        required=False,
        widget=LocalTimeInput,
    )
    note = note_field(_("What should whoever gets it back know?"))

    def __init__(self, data: QueryDict | None = None, *, mornings: Mornings, now: datetime) -> None:
        super().__init__(data, initial={"when": "tomorrow"}, auto_id="snooze_%s")
        self.now = now
        self.moments = {
            "tomorrow": (_("Next working day"), mornings.after(1, now=now)),
            "three_days": (_("In 3 days"), mornings.after(3, now=now)),
            "next_week": (_("Next week"), mornings.next_week(now=now)),
        }
        choices = [(key, f"{label}, {say_at(at, mornings)}") for key, (label, at) in self.moments.items()]
        when = self.fields["when"]
        assert isinstance(when, forms.ChoiceField)
        when.choices = [*choices, (AT, _("At a time"))]
        self.fields["note"].help_text = _(
            "Nobody sees it in a queue until then. Intent brings it back early."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == AT:
            until = data.get("until")
            if until is None or not self.now < until <= self.now + GREATEST_LENGTH:
                self.add_error("until", _("Choose a moment that is ahead, and within a year."))
        return data

    @property
    def moment(self) -> datetime:
        """The moment that was chosen, once the form is valid."""
        chosen = self.cleaned_data["when"]
        until: datetime = self.cleaned_data["until"] if chosen == AT else self.moments[chosen][1]
        return until


def say_at(at: datetime, mornings: Mornings) -> str:
    """A moment by the clock of who reads it, whose zone is named where it isn't UTC."""
    here = at.astimezone(mornings.hours.zone)
    zone = f" ({name})" if (name := str(mornings.hours.zone)) != "UTC" else ""
    return date_format(here, "D j M, H:i") + zone
