"""Which moments of a lead's past are asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.moments import parse_moment
from leadscoring.local_times import LocalTimeInput, zoned

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD = timedelta(days=3_653)


class MomentField(forms.Field):
    """A date, or a date and a time in the time zone of the pages; empty is None."""

    widget = LocalTimeInput

    def to_python(self, value: Any) -> datetime | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            moment = parse_moment(text, timezone.get_current_timezone())
        except ValueError:
            raise forms.ValidationError(_("Write a date and a time, such as 2026-03-15 14:30.")) from None
        if not EARLIEST <= moment <= timezone.now() + FURTHEST_AHEAD:
            raise forms.ValidationError(_("Choose a time between the year 2000 and ten years ahead."))
        return moment


class ExplainForm(forms.Form):
    """A moment to be explained; without one it is now, by all that is known."""

    as_of = MomentField(label=zoned(gettext_lazy("As of")), required=False)
    known_at = MomentField(
        label=zoned(gettext_lazy("As known on")),
        required=False,
        help_text=gettext_lazy("Leaves out what was learned later. Empty: all that is known now."),
    )


class CompareForm(forms.Form):
    """Two moments, each by what was known then."""

    since = MomentField(label=zoned(gettext_lazy("From")))
    until = MomentField(
        label=zoned(gettext_lazy("To")), required=False, help_text=gettext_lazy("Empty: now.")
    )
