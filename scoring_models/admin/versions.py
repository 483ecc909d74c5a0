"""The page on which marketing writes a draft: settings, lists, bands and rules, checked as one whole."""

from functools import cached_property, partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseInlineFormSet
from django.forms.formsets import all_valid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.role_admin import RoleAdmin, signed_in
from leadscoring.people.roles import Role
from scoring_models import live_preview, versions
from scoring_models.admin.arranging import arranged
from scoring_models.admin.checks import ask_for_condition, check_parts, check_settings, stamp, with_limits
from scoring_models.admin.conditions import COMMON_PROPERTIES, audience_rows, blank_rows
from scoring_models.admin.forms import VersionForm
from scoring_models.admin.formsets import (
    BandInline,
    EngagementInline,
    FitInline,
    ListInline,
    RuleFormSet,
)
from scoring_models.admin.offers import Offers
from scoring_models.admin.previewing import (
    incomplete,
    numbers,
    refused,
    say_fired,
    say_sentences,
)
from scoring_models.balance import balance
from scoring_models.models import Band, ModelVersion, VersionState
from scoring_models.preview import Preview
from scoring_models.spec import Spec
from scoring_models.spec_text import InvalidVersion, spec_of
from scoring_models.standing import standing
from scoring_models.vocabulary import current_vocabulary


class DraftForm(VersionForm):
    """The settings and the audience, refused where somebody else saved since the page was shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was sent is no change of the draft, whatever `clean` says about it.
        self.fields["stamp"].initial = self.data.get("stamp") if self.is_bound else stamp(self.instance)
        self.audience = audience_rows(self.instance, self.data if self.is_bound else None)

    @cached_property
    def changed_data(self) -> list[str]:
        return [*super().changed_data, *(["audience"] if self.audience.has_changed() else [])]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("stamp") != stamp(ModelVersion.objects.get(pk=self.instance.pk)):
            raise ValidationError(
                _("Somebody else saved this draft meanwhile. Load the page again, then make your changes."),
                code="stale",
            )
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        self.instance.audience = self.audience.stored()
        if not self.errors:
            check_settings(self)


@admin.register(ModelVersion)
class VersionAdmin(RoleAdmin[ModelVersion]):
    editors = (Role.MARKETING,)
    form = DraftForm
    inlines = (ListInline, BandInline, EngagementInline, FitInline)
    change_form_template = "admin/scoring_models/draft.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("scoring_models:models"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = self.get_object(request, unquote(object_id or ""))
        if version is None or not self.has_change_permission(request, version):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if version.state != VersionState.DRAFT:
            return HttpResponseRedirect(reverse("scoring_models:version", args=(version.pk,)))
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        request.POST = arranged(request.POST)  # type: ignore[assignment]
        with acting(signed_in(request)):
            # Two people who save at once come one after the other; the second one's page is stale.
            ModelVersion.objects.select_for_update().filter(pk=version.pk).first()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # As it is stored: a form that was refused has left its values in the other instance.
        version = ModelVersion.objects.select_related("model", "based_on").get(pk=context["original"].pk)
        spec = _stored_spec(version)
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        say_sentences(spec, current_vocabulary(), formsets)
        shown = _stored_preview(version, spec) if spec else None
        say_fired(shown, formsets)
        beside = _context(version) | {
            "preview": shown,
            "balance": balance(spec) if spec else None,
            "audience": formsets[-1].audience or audience_rows(version, None),
            "blank_rows": blank_rows(Offers.of(version)),
            "properties": COMMON_PROPERTIES,
        }
        return super().render_change_form(request, context | beside, *args, **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: ModelVersion, inline: Any, prefix: str) -> Any:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if issubclass(inline.formset, RuleFormSet):
            kwargs["form_kwargs"] = {"offers": Offers.of(obj)}
        return kwargs

    def get_urls(self) -> list[URLPattern]:
        address, view = "<path:object_id>/preview/", self.admin_site.admin_view(self.preview_view)
        return [path(address, view, name="scoring_models_modelversion_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the posted form would do, as parts of the page. Nothing of the draft is written."""
        version = self.get_object(request, unquote(object_id))
        if version is None:
            raise Http404
        if request.method != "POST" or not self.has_change_permission(request, version):
            raise PermissionDenied
        if version.state != VersionState.DRAFT:
            return refused(request, _("This version isn't a draft any more. Load the page again."))
        form = self.get_form(request, version, change=True)(request.POST, instance=version)
        formsets, _inlines = self._create_formsets(request, form.instance, change=True)
        is_valid = form.is_valid()
        if not all_valid(formsets) or not is_valid:
            return incomplete(request, form, formsets)
        return numbers(request, version, with_limits(formsets[-1].spec, version), formsets)

    def _create_formsets(self, request: HttpRequest, obj: ModelVersion, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        if request.method == "POST":
            formsets[-1].audience = audience_rows(obj, request.POST)
            formsets[-1].check = partial(check_parts, obj, formsets)
            if "_condition" in request.POST:
                formsets[-1].check = partial(ask_for_condition, formsets[-1])
        return formsets, inlines

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseInlineFormSet[Any, Any, Any], change: bool
    ) -> None:
        if formset.model is Band:
            # No two bands have one edge, not even between two statements: move the changed ones away.
            for place, changed in enumerate(each for each in formset.forms if each.has_changed()):
                Band.objects.filter(pk=changed.instance.pk).update(lower_edge=-2_000_000_000 + place)
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        changed = [*form.changed_data, *(each.prefix for each in formsets if each.has_changed())]
        if changed:
            record(
                action="version.edited",
                target=form.instance,
                actor=signed_in(request),
                at=timezone.now(),
                changed=[name for name in changed if name != "stamp"],
            )

    def response_change(self, request: HttpRequest, obj: ModelVersion) -> HttpResponse:
        if "_submit" in request.POST:
            versions.submit(version=obj, actor=signed_in(request), at=timezone.now())
            self.message_user(request, _("Version %(number)d waits for approval.") % {"number": obj.number})
            return HttpResponseRedirect(reverse("scoring_models:review", args=(obj.pk,)))
        self.message_user(request, _("Saved."))
        arranged_rule = request.POST.get("_move", "").partition(":")[0] or request.POST.get("_duplicate", "")
        return HttpResponseRedirect(f"{request.path}#{arranged_rule}" if arranged_rule else request.path)


def _stored_preview(version: ModelVersion, spec: Spec) -> Preview | None:
    try:
        return live_preview.stored(version, spec)
    except DomainError:
        return None  # the page says why when it asks for the numbers


def _stored_spec(version: ModelVersion) -> Spec | None:
    """What the stored draft says; None where that can't be read."""
    try:
        return spec_of(version)
    except InvalidVersion:
        return None


def _context(version: ModelVersion) -> dict[str, Any]:
    """What the page shows beside the forms."""
    return {
        "title": str(version),
        "version": version,
        "standing": standing(version, at=timezone.now()),
        "editors": [editor.user for editor in version.editors.select_related("user").order_by("pk")],
        "last_return": version.reviews.filter(decision="return").order_by("-at").first(),
    }
