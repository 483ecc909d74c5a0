"""What people type in about a lead to try a version: what is known, what it did, and what should come out."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import Attribute, Kind
from scoring_models.imagined import Imagined
from scoring_models.operators import MOST_DAYS
from scoring_models.spec import BandSpec, GoldenLead, GoldenSignal, Value
from scoring_models.vocabulary import Vocabulary

MOST_SIGNALS = 20  # rows of the form
MOST_TIMES = 100
ROWS_AT_FIRST = 2


class AttributesForm(forms.Form):
    """A field for each attribute that the versions look at. Empty is not known."""

    prefix = "known"

    def __init__(self, data: Any = None, *, attributes: Collection[Attribute], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for attribute in attributes:
            self.fields[attribute.key] = _field(attribute)

    def values(self) -> tuple[tuple[str, Value | bool], ...]:
        """The values that were filled in, once the form is valid."""
        given = ((key, self.cleaned_data.get(key)) for key in self.fields)
        return tuple((key, _value(value)) for key, value in given if value not in (None, ""))


def _field(attribute: Attribute) -> forms.Field:
    common: dict[str, Any] = {"label": attribute.label, "required": False}
    match attribute.kind:
        case Kind.NUMBER:
            return forms.DecimalField(**common)
        case Kind.DATE:
            return forms.DateField(
                **common, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )
        case Kind.BOOLEAN:
            return forms.TypedChoiceField(
                **common,
                choices=[("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))],
                coerce=lambda word: word == "yes",
                empty_value=None,
            )
        case Kind.CHOICE if attribute.choices:
            choices = [("", _("Not known")), *((each, each) for each in attribute.choices)]
            return forms.ChoiceField(**common, choices=choices)
        case _:
            return forms.CharField(**common, max_length=1_000)


def _value(value: Any) -> Value | bool:
    if isinstance(value, datetime) or not hasattr(value, "isoformat"):
        given: Value | bool = value
        return given
    return datetime.combine(value, time(), UTC)


class SignalForm(forms.Form):
    """One thing that the lead did, once or several times on a day."""

    type = forms.ChoiceField(label=_("Signal"))
    days_ago = forms.DecimalField(label=_("Days ago"), min_value=0, max_value=MOST_DAYS, initial=1)
    times = forms.IntegerField(label=_("Times"), min_value=1, max_value=MOST_TIMES, initial=1)
    property = forms.ChoiceField(label=_("where its"), required=False)
    value = forms.CharField(label=_("is"), required=False, max_length=1_000)

    def __init__(self, *args: Any, words: Vocabulary, properties: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = sorted(words.signal_types, key=words.signal_label)
        self._choose("type", [(key, words.signal_label(key)) for key in types])
        if properties:
            self._choose("property", [(name, name) for name in properties])
        else:
            del self.fields["property"], self.fields["value"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *choices]

    def has_changed(self) -> bool:
        """Whether the row says something: without a type it is left out, whatever its other fields hold."""
        return bool(self["type"].data)

    def signals(self) -> tuple[GoldenSignal, ...]:
        """The signals that the row stands for; none where it was left empty."""
        given = self.cleaned_data
        if not given.get("type"):
            return ()
        named, value = given.get("property"), given.get("value")
        properties = ((named, value),) if named and value else ()
        signal = GoldenSignal(given["type"], given["days_ago"], properties)
        return tuple(signal for _time in range(given["times"]))


SignalFormSet = forms.formset_factory(
    SignalForm, extra=ROWS_AT_FIRST, max_num=MOST_SIGNALS, validate_max=True, absolute_max=MOST_SIGNALS
)


class ExpectationForm(forms.Form):
    """What a golden lead is called, and what a version must say of it."""

    prefix = "golden"

    name = forms.CharField(label=_("Name"), max_length=100)
    band = forms.ChoiceField(label=_("Expected band"), required=False)
    score = forms.IntegerField(label=_("or the exact score"), required=False)

    def __init__(self, data: Any = None, *, bands: Collection[BandSpec], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["band"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *((band.key, band.name) for band in bands)]

    def golden(self, lead: Imagined) -> GoldenLead:
        """The golden lead that both forms describe, once they are valid."""
        given = self.cleaned_data
        return GoldenLead(given["name"], lead.attributes, lead.signals, given["band"] or None, given["score"])


def more_rows(data: Mapping[str, str], rows: int) -> dict[str, str]:
    """What was typed in, with so many more empty rows of signals."""
    total = "did-TOTAL_FORMS"
    given = data.get(total, "0")
    count = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
    new = range(count, min(count + rows, MOST_SIGNALS))
    empty = {f"did-{place}-{name}": "1" for place in new for name in ("days_ago", "times")}
    return {**data, **empty, total: str(count + len(new))}
