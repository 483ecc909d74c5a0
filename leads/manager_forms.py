"""What managers fill in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from leads.models import OverrideReview, Reassignment
from leadscoring.people.models import User


class ReviewForm(forms.Form):
    """What a manager says of a large override."""

    verdict = forms.ChoiceField(choices=OverrideReview.Verdict, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Its author reads it. Needed to end an override."),
    )


class ReassignForm(forms.Form):
    """To whom leads go. `expected` is how many its reader saw would change hands; empty in the first step."""

    way = forms.ChoiceField(label=_("How"), choices=Reassignment.Way, widget=forms.RadioSelect)
    to = forms.ModelMultipleChoiceField(
        label=_("To whom"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The best leads first, in turn, so that everybody gets of each band alike."),
    )
    expected = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, candidates: Sequence[User]) -> None:
        first = {"way": Reassignment.Way.PEOPLE}
        super().__init__(data, initial=first, auto_id="reassign_%s")
        field = self.fields["to"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = User.objects.filter(pk__in=[user.pk for user in candidates]).order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("way") == Reassignment.Way.PEOPLE and "to" in cleaned and not cleaned["to"]:
            self.add_error("to", _("Choose who gets the leads."))
        return cleaned
