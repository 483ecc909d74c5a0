"""Forms of endpoints."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from leadscoring.errors import DomainError
from leadscoring.hooks.models import CHOSEN, Endpoint
from leadscoring.local_times import LocalTimeInput, zoned
from leadscoring.outgoing import check_url

EVENTS = tuple((kind.value, kind.label) for kind in CHOSEN)


class EndpointForm(forms.ModelForm[Endpoint]):
    """An endpoint as an Admin describes it."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2_000,
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text=_("Where messages are sent: https://… on the internet."),
    )
    events = forms.MultipleChoiceField(
        label=_("Told of"), choices=EVENTS, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Endpoint
        fields = ("description", "url", "events", "threshold", "is_on")
        labels = {  # noqa: RUF012
            "description": _("What it is for"),
            "threshold": _("Score changes from"),
            "is_on": _("On"),
        }
        help_texts = {  # noqa: RUF012
            "description": _("Such as the program that gets the messages."),
            "threshold": _("Points: smaller changes of a score aren't told."),
            "is_on": _("Off, nothing is sent; what waits is kept for three days."),
        }

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            check_url(url)
        except DomainError as refused:
            raise forms.ValidationError(refused.sentence) from refused
        return url


class OverlapForm(forms.Form):
    """For how long the old secret signs, too."""

    hours = forms.IntegerField(
        label=_("Hours for which the old secret signs, too"), min_value=0, max_value=24 * 30, initial=24
    )

    @property
    def overlap(self) -> timedelta:
        """What was given; an impossible time where it can't be read, which the verb refuses."""
        return timedelta(hours=self.cleaned_data["hours"] if self.is_valid() else -1)


class ReplayForm(forms.Form):
    """What is sent again."""

    since = forms.DateTimeField(
        label=zoned(_("Of events since")),
        required=False,
        widget=LocalTimeInput,
    )
    delivered_too = forms.BooleanField(label=_("Delivered ones, too"), required=False)
