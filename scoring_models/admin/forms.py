"""The forms of a draft: its settings, one list, one band, one rule. `checks` looks at them together."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.admin.lines import LinesField
from leads.text import normalise
from scoring_models.admin.conditions import AttributeRow, ConditionForm, ConditionRows, PropertyRow
from scoring_models.admin.offers import Offers
from scoring_models.admin.widgets import AttributeSelect, Checkboxes, OperatorSelect, PlainSelect
from scoring_models.models import Band, ModelVersion, Rule, VersionList
from scoring_models.operators import OPERATORS

LIMITS = ("floor", "ceiling", "engagement_cap", "engagement_floor", "fit_cap", "fit_floor")


class PartForm(forms.ModelForm[Any]):
    """A part of a draft. `checks` says in words, at the field, what the database's constraints would say."""

    def _post_clean(self) -> None:
        self.instance.validate_constraints = _nothing
        super()._post_clean()  # type: ignore[misc]


def _nothing(exclude: Any = None) -> None:
    pass


class VersionForm(PartForm):
    """The settings of a draft. `stamp` says which state of it the page showed."""

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ModelVersion
        fields = ("note", *LIMITS)
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 2})}
        labels: ClassVar = {
            "note": gettext_lazy("What changes and why"),
            "floor": gettext_lazy("Lowest total"),
            "ceiling": gettext_lazy("Highest total"),
            "engagement_cap": gettext_lazy("Engagement counts for at most"),
            "engagement_floor": gettext_lazy("Engagement counts for at least"),
            "fit_cap": gettext_lazy("Fit counts for at most"),
            "fit_floor": gettext_lazy("Fit counts for at least"),
        }
        help_texts: ClassVar = dict.fromkeys(LIMITS, gettext_lazy("Points. Empty: no limit."))


class ListForm(PartForm):
    """A named list. Rules go by its name, so that stays once it is saved."""

    values = LinesField(
        label=gettext_lazy("Values"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line."),
    )

    class Meta:
        model = VersionList
        fields = ("name", "values")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].disabled = self.instance.pk is not None

    def clean_values(self) -> list[str]:
        """Each value once, whatever its capitals."""
        values: dict[str | None, str] = {}
        for value in self.cleaned_data["values"]:
            values.setdefault(normalise(value), value)
        return list(values.values())


class BandForm(PartForm):
    class Meta:
        model = Band
        fields = ("name", "lower_edge", "means", "action", "worked_by", "respond_within_hours")
        labels: ClassVar = {
            "lower_edge": gettext_lazy("From"),
            "means": gettext_lazy("Means"),
            "action": gettext_lazy("What to do"),
            "worked_by": gettext_lazy("Worked by"),
            "respond_within_hours": gettext_lazy("Respond within hours"),
        }
        help_texts: ClassVar = {"lower_edge": gettext_lazy("Points. Empty for the lowest band.")}


class RuleForm(PartForm):
    """One rule. What its kind doesn't use is emptied, so that nothing hidden lingers."""

    attribute = forms.TypedChoiceField(
        required=False, label=gettext_lazy("Attribute"), widget=AttributeSelect
    )
    operator = forms.ChoiceField(required=False, label=gettext_lazy("Condition"), widget=OperatorSelect)
    values = LinesField(
        label=gettext_lazy("Values"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line."),
    )
    value_list = forms.ChoiceField(
        required=False, label=gettext_lazy("or the values of a list"), widget=PlainSelect
    )
    signal_types = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Signals"),
        widget=Checkboxes,
        help_text=gettext_lazy("Any of these. For no activity: none means all engagement."),
    )

    USES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        Rule.Kind.ATTRIBUTE: ("attribute", "operator", "values", "value_list"),
        Rule.Kind.AT_LEAST: ("signal_types", "at_least", "window_days", "decay", "half_life_days"),
        Rule.Kind.EACH: ("signal_types", "at_most", "window_days", "decay", "half_life_days"),
        Rule.Kind.INACTIVITY: ("signal_types", "idle_days", "again_every_days", "at_most"),
        Rule.Kind.ACCOUNT: ("signal_types", "people", "window_days"),
    }
    OF_SIGNALS: ClassVar = (Rule.Kind.AT_LEAST, Rule.Kind.EACH, Rule.Kind.ACCOUNT)
    EMPTY: ClassVar[Mapping[str, Any]] = {
        "attribute": None,
        "operator": "",
        "values": [],
        "value_list": "",
        "signal_types": [],
        "at_least": None,
        "at_most": None,
        "window_days": None,
        "decay": "",
        "half_life_days": None,
        "idle_days": None,
        "again_every_days": None,
        "people": None,
    }

    class Meta:
        model = Rule
        fields = (
            "points",
            "kind",
            "attribute",
            "operator",
            "values",
            "value_list",
            "signal_types",
            "at_least",
            "at_most",
            "window_days",
            "decay",
            "half_life_days",
            "idle_days",
            "again_every_days",
            "people",
            "enabled",
            "position",
            "note",
        )
        widgets: ClassVar = {"kind": PlainSelect, "decay": PlainSelect, "position": forms.HiddenInput}
        labels: ClassVar = {
            "kind": gettext_lazy("Counts"),
            "at_least": gettext_lazy("At least so many times"),
            "at_most": gettext_lazy("Each time, up to"),
            "window_days": gettext_lazy("In the last days"),
            "decay": gettext_lazy("Fades with age"),
            "half_life_days": gettext_lazy("Half after days"),
            "idle_days": gettext_lazy("For so many days"),
            "again_every_days": gettext_lazy("Again after each further days"),
            "people": gettext_lazy("At least so many colleagues"),
            "enabled": gettext_lazy("Turned on"),
        }
        help_texts: ClassVar = {
            "at_least": gettext_lazy("Empty: once."),
            "window_days": gettext_lazy("Empty: ever."),
            "again_every_days": gettext_lazy("Empty: it counts once."),
        }

    def __init__(self, *args: Any, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attribute: Any = self.fields["attribute"]
        attribute.choices = [("", "–"), *((key, row.label) for key, row in offers.attributes.items())]
        attribute.coerce = lambda key: offers.attributes[str(key)]
        attribute.empty_value = None
        attribute.widget.kinds = {key: row.kind for key, row in offers.attributes.items()}
        choices = {
            "operator": [("", "–"), *((str(op), _(each.phrase)) for op, each in OPERATORS.items())],
            "value_list": [("", "–"), *((name, name) for name in offers.lists)],
            "signal_types": offers.signal_types,
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.only_when = self._rows(AttributeRow, "when", self.instance.only_when, offers)
        self.where = self._rows(PropertyRow, "where", self.instance.where, offers)

    def _rows(
        self, row: type[ConditionForm], name: str, stored: list[dict[str, Any]], offers: Offers
    ) -> ConditionRows:
        data = self.data if self.is_bound else None
        return ConditionRows(row, prefix=f"{self.prefix}-{name}", stored=stored, data=data, offers=offers)

    @property
    def is_asked(self) -> bool:
        """Whether a button asked for one more condition of this rule."""
        return str(self.data.get("_condition", "")).startswith(f"{self.prefix}-")

    @cached_property
    def changed_data(self) -> list[str]:
        rows = {"only_when": self.only_when, "where": self.where}
        return [*super().changed_data, *(name for name, each in rows.items() if each.has_changed())]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not (self.only_when.is_valid() and self.where.is_valid()):
            self.add_error(None, _("A condition of this rule is marked."))
        self.instance.only_when = self.only_when.stored()
        self.instance.where = self.where.stored() if cleaned.get("kind") in self.OF_SIGNALS else []
        used = self._used(cleaned)
        if used:
            for name in set(self.EMPTY) - set(used):
                cleaned[name] = self.EMPTY[name]
                self.errors.pop(name, None)
        if cleaned.get("kind") == Rule.Kind.AT_LEAST and "at_least" not in self.errors:
            cleaned["at_least"] = cleaned.get("at_least") or 1
        return cleaned

    def _used(self, cleaned: dict[str, Any]) -> tuple[str, ...]:
        """The fields that say something, given what the others say."""
        used = self.USES.get(cleaned.get("kind", ""), ())
        idle_once = cleaned.get("kind") == Rule.Kind.INACTIVITY and not cleaned.get("again_every_days")
        halves = cleaned.get("decay") == Rule.Decay.HALF_LIFE
        unused = {"at_most"} if idle_once else set() if halves else {"half_life_days"}
        return tuple(name for name in used if name not in unused)
