"""The lists, bands and rules of a draft as sets of forms on its page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from scoring_models.admin.forms import BandForm, ListForm, RuleForm
from scoring_models.models import Band, ModelVersion, Rule, VersionList


class DraftFormSet(BaseInlineFormSet[Any, ModelVersion, Any]):
    """Forms of one draft. The page sets `check` on the last set, which then looks at all of them."""

    check: Callable[[], bool] | None = None

    def clean(self) -> None:
        super().clean()
        if self.check is not None and not self.check():
            # Other sets were found valid before: without this one's error they would be saved.
            raise ValidationError(_("Not saved: something in this version is marked and needs correcting."))

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
