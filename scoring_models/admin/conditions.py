"""Conditions as rows of fields: when a rule counts only, which signals it counts, whom a version scores."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.admin.lines import LinesField
from leads.learned import PROPERTIES
from scoring_models.admin.offers import Offers
from scoring_models.admin.widgets import AttributeSelect, OperatorSelect, PlainSelect
from scoring_models.models import ModelVersion
from scoring_models.operators import OPERATORS, Operator, property_operators

MOST_ROWS = 30
# What sources usually say of a signal (docs/scoring.md §6), and people of a conversation; others are as good.
COMMON_PROPERTIES = (
    *("path", "content", "topic", "format", "campaign", "is_question", "text"),
    *PROPERTIES,
)
NONE = ("", "–")


class ConditionForm(forms.Form):
    """One condition. What suits what is the reader's business, which tells it at these fields."""

    # The field that says what is compared, and what the stored condition calls it.
    subject: ClassVar[str]
    key: ClassVar[str]
    operators: ClassVar[Sequence[Operator]] = tuple(OPERATORS.values())

    operator = forms.CharField(required=False, label=gettext_lazy("Condition"), widget=OperatorSelect)
    values = LinesField(
        required=False, label=gettext_lazy("Values, one a line"), widget=forms.Textarea(attrs={"rows": 1})
    )
    value_list = forms.CharField(required=False, label=gettext_lazy("or a list"), widget=PlainSelect)
    remove = forms.BooleanField(required=False, label=gettext_lazy("Remove"))

    def __init__(self, *args: Any, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = ((str(each.op), _(each.phrase)) for each in self.operators)
        self.fields["operator"].widget.choices = [NONE, *offered]
        self.fields["value_list"].widget.choices = [NONE, *((name, name) for name in offers.lists)]
        self.order_fields([self.subject])

    @property
    def says_something(self) -> bool:
        """Whether it is kept. A row of which nothing is filled in is as good as none."""
        given = self.cleaned_data
        names = (self.subject, "operator", "values", "value_list")
        return not given["remove"] and any(given.get(name) for name in names)

    def stored(self) -> dict[str, object]:
        """The condition as a draft's row keeps it."""
        given = self.cleaned_data
        condition = {self.key: given[self.subject] or None, "op": given["operator"] or None}
        if given["value_list"]:
            condition["list"] = given["value_list"]
        if given["values"] or not given["value_list"]:
            condition["values"] = given["values"]
        return condition

    @classmethod
    def initial_of(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a condition as a draft's row keeps it."""
        return {
            cls.subject: stored.get(cls.key),
            "operator": stored.get("op"),
            "values": stored.get("values", []),
            "value_list": stored.get("list", ""),
        }


class AttributeRow(ConditionForm):
    subject, key = "attribute", "field"
    attribute = forms.CharField(required=False, label=gettext_lazy("Attribute"), widget=AttributeSelect)

    def __init__(self, *args: Any, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, offers=offers, **kwargs)
        widget: Any = self.fields["attribute"].widget
        widget.choices = [NONE, *((row.key, row.label) for row in offers.attributes.values())]
        widget.kinds = {row.key: row.kind for row in offers.attributes.values()}


class PropertyRow(ConditionForm):
    subject = key = "property"
    operators = property_operators()
    property = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Property"),
        widget=forms.TextInput(attrs={"list": "properties", "autocomplete": "off"}),
    )


class ConditionRows:
    """The rows of one list of conditions, shown or posted. `prefix` leads the names of their fields."""

    def __init__(
        self,
        row: type[ConditionForm],
        *,
        prefix: str,
        stored: Sequence[Mapping[str, Any]],
        data: Mapping[str, Any] | None,
        offers: Offers,
    ) -> None:
        self.row, self.prefix, self.offers = row, prefix, offers
        self.subject = row.subject
        self.before = [dict(each) for each in stored]
        self.is_bound = data is not None
        self.forms = list(self._shown() if data is None else self._posted(data))

    def _shown(self) -> Iterator[ConditionForm]:
        for place, stored in enumerate(self.before):
            yield self._form(place, initial=self.row.initial_of(stored))

    def _posted(self, data: Mapping[str, Any]) -> Iterator[ConditionForm]:
        total = str(data.get(f"{self.prefix}-TOTAL", ""))
        for place in range(min(int(total), MOST_ROWS) if total.isdigit() else 0):
            if f"{self.prefix}-{place}-operator" in data:
                yield self._form(place, data=data)

    def _form(self, place: object, **kwargs: Any) -> ConditionForm:
        return self.row(prefix=f"{self.prefix}-{place}", offers=self.offers, **kwargs)

    @property
    def total(self) -> int:
        """One more than the highest place that is taken."""
        return max((int(form.prefix.rpartition("-")[2]) + 1 for form in self.forms if form.prefix), default=0)

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    @cached_property
    def kept(self) -> list[ConditionForm]:
        """The rows that stay, in their order: those that were valid before the reader marked some."""
        return [form for form in self.forms if form.is_valid() and form.says_something]

    def stored(self) -> list[dict[str, object]]:
        """The conditions as a draft's row keeps them."""
        return [form.stored() for form in self.kept]

    def has_changed(self) -> bool:
        return self.is_bound and (not self.is_valid() or self.stored() != self.before)


def blank_rows(offers: Offers) -> dict[str, ConditionForm]:
    """An empty row of each kind, which the script of the page copies for a list of conditions."""
    return {row.subject: row(prefix="__rows__-__row__", offers=offers) for row in (AttributeRow, PropertyRow)}


def audience_rows(version: ModelVersion, data: Mapping[str, Any] | None) -> ConditionRows:
    """The conditions that say whom a version scores, as they are stored or posted."""
    return ConditionRows(
        AttributeRow, prefix="audience", stored=version.audience, data=data, offers=Offers.of(version)
    )
