"""Forms for API keys."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadscoring.api.models import ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User

FIRST_LIFE = timedelta(days=365)


class KeyForm(forms.ModelForm[ApiKey]):
    """A new key."""

    user = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=User.objects.people().filter(is_active=True).order_by("name", "email"),
        help_text=_("Programs with this key may what this person may, as far as its scopes go."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("For"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Deciding on versions can only be given to a key of your own."),
    )
    until = forms.DateField(
        label=_("Until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most two years ahead."),
    )

    class Meta:
        model = ApiKey
        fields = ("name", "requests_a_minute")
        labels = {"name": _("Name"), "requests_a_minute": _("Requests a minute")}  # noqa: RUF012
        help_texts = {"name": _("What it is for, such as the program that gets it.")}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + FIRST_LIFE

    @property
    def expires_at(self) -> datetime:
        """The moment at which the chosen day ends, here."""
        day: date = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))


class GraceForm(forms.Form):
    """How long the old secret works on."""

    hours = forms.IntegerField(
        label=_("Hours for which the old secret works on"), min_value=0, max_value=24 * 30, initial=24
    )
