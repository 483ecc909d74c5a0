"""What people fill in to return a lead to marketing."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from leads.forms import note_field
from leads.models import ReturnReason


class ReturnForm(forms.Form):
    """Why sales doesn't take a lead."""

    reason = forms.ChoiceField(label=_("Why?"), choices=ReturnReason, widget=forms.RadioSelect)
    note = note_field(_("What should marketing know?"))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="return_%s")
