"""The lists, bands and rules of a draft as sets of forms on its page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet, HiddenInput, ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from scoring_models.admin.conditions import ConditionRows
from scoring_models.admin.forms import BandForm, ListForm, RuleForm
from scoring_models.models import Band, ModelVersion, Rule, VersionList
from scoring_models.spec import Spec


class StoredRow(ModelChoiceField[Any]):
    """The id of a form's row. The set has read all rows already, so none is asked for again."""

    def __init__(self, row: Any, choice: ModelChoiceField[Any]) -> None:
        super().__init__(
            choice.queryset, initial=choice.initial, required=choice.required, widget=HiddenInput
        )
        self.row = row

    def to_python(self, value: Any) -> Any:
        return self.row if self.row.pk and str(self.row.pk) == str(value) else super().to_python(value)


class DraftFormSet(BaseInlineFormSet[Any, ModelVersion, Any]):
    """Forms of one draft.

    The page sets `check` on the last set, which then looks at all of them; `spec` is what it found, or None.
    `general` is what it found wrong with no one form, and `audience` the conditions that it looks at too.
    """

    check: Callable[[], Spec | None] | None = None
    spec: Spec | None = None
    audience: ConditionRows | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.general: list[str] = []

    def clean(self) -> None:
        super().clean()
        if self.check is None:
            return
        self.spec = self.check()
        if self.spec is None:
            # Other sets were found valid before: without this one's error they would be saved.
            marked = _("Not saved: something in this version is marked and needs correcting.")
            raise ValidationError(self.general or marked)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"] = StoredRow(form.instance, form.fields["id"])

    def kept(self) -> list[Any]:
        """The forms that say something and aren't to be removed, in their order."""
        return [
            form
            for form in self.forms
            if (form.instance.pk or form.has_changed()) and not self._should_delete_form(form)  # type: ignore[attr-defined]
        ]


class RuleFormSet(DraftFormSet):
    dimension = ""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.instance.dimension = self.dimension
        return form


class EngagementRules(RuleFormSet):
    dimension = Rule.Dimension.ENGAGEMENT


class FitRules(RuleFormSet):
    dimension = Rule.Dimension.FIT


class DraftInline(admin.StackedInline[Any, ModelVersion]):
    """What belongs to a draft may be changed by whoever may change the draft, which its page checks."""

    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return True

    has_change_permission = has_delete_permission = has_view_permission


class ListInline(DraftInline):
    model = VersionList
    form = ListForm
    formset = DraftFormSet
    template = "admin/scoring_models/lists.html"
    ordering = ("pk",)


class BandInline(DraftInline):
    model = Band
    form = BandForm
    formset = DraftFormSet
    template = "admin/scoring_models/bands.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Band]:
        return Band.objects.order_by(F("lower_edge").desc(nulls_last=True))


class RuleInline(DraftInline):
    model = Rule
    form = RuleForm
    template = "admin/scoring_models/rules.html"
    formset = RuleFormSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rules = Rule.objects.select_related("attribute").order_by("position", "pk")
        return rules.filter(dimension=self.formset.dimension)


class EngagementInline(RuleInline):
    formset = EngagementRules


class FitInline(RuleInline):
    formset = FitRules
