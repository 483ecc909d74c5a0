"""API keys: made, rotated and revoked by Admins. A secret is shown once, on the page after."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from leadscoring.api import keys
from leadscoring.api.forms import GraceForm, KeyForm
from leadscoring.api.models import ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.role_admin import VerbAdmin, signed_in
from leadscoring.people.roles import Role

NEW = ("name", "user", "scopes", "until", "requests_a_minute")
SHOWN = (
    *("name", "user", "starts_with", "used_for", "requests_a_minute", "expires_at", "last_used_at"),
    *("created_by", "created_at", "revoked_at", "previous_until"),
)


@admin.register(ApiKey)
class ApiKeyAdmin(VerbAdmin[ApiKey]):
    editors = (Role.ADMIN,)
    add_title = gettext_lazy("Make an API key")
    change_form_template = "admin/api/apikey/change_form.html"
    list_display = ("name", "user", "starts_with", "used_for", "expires_at", "last_used_at", "works")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__name", "user__email")
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        return super().get_queryset(request).select_related("user", "created_by")

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **kwargs) if change else KeyForm

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return NEW if obj is None else SHOWN

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return () if obj is None else SHOWN

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        key = self.get_object(request, object_id)
        shown = {
            "title": _("API key"),
            "show_save": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "grace": GraceForm(auto_id="grace_%s"),
            "is_running": key is not None and not keys.is_over(key, at=timezone.now()),
        }
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description=gettext_lazy("begins with"))
    def starts_with(self, key: ApiKey) -> str:
        return f"ls_{key.prefix}_…"

    @admin.display(description=gettext_lazy("for"))
    def used_for(self, key: ApiKey) -> str:
        return "; ".join(str(Scope(scope).label) for scope in key.scopes)

    @admin.display(description=gettext_lazy("works"), boolean=True)
    def works(self, key: ApiKey) -> bool:
        return not keys.is_over(key, at=timezone.now()) and key.user.is_active

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ApiKey:
        if change:
            return form.instance  # type: ignore[no-any-return]
        given = form.cleaned_data
        issued = keys.create(
            name=given["name"],
            user=given["user"],
            scopes=[Scope(scope) for scope in given["scopes"]],
            expires_at=form.expires_at,
            requests_a_minute=given["requests_a_minute"],
            actor=signed_in(request),
            at=timezone.now(),
        )
        self._show_once(request, issued)
        return issued.key

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        return _to_page(obj)

    def get_urls(self) -> list[URLPattern]:
        def deed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<int:key_id>/rotate/", deed(self.rotate), name="api_apikey_rotate"),
            path("<int:key_id>/revoke/", deed(self.revoke), name="api_apikey_revoke"),
            *super().get_urls(),
        ]

    def rotate(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Give a key a new secret, which is shown once."""

        def carry_out(key: ApiKey, at: datetime) -> None:
            form = GraceForm(request.POST)
            grace = timedelta(hours=form.cleaned_data["hours"] if form.is_valid() else -1)
            issued = keys.rotate(key=key, grace=grace, actor=signed_in(request), at=at)
            self._show_once(request, issued)

        return self._deed(request, key_id, carry_out)

    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """End a key at once."""

        def carry_out(key: ApiKey, at: datetime) -> None:
            keys.revoke(key=key, actor=signed_in(request), at=at)
            self.message_user(request, _("The key is revoked. Nothing gets in with it."), messages.SUCCESS)

        return self._deed(request, key_id, carry_out)

    def _deed(
        self, request: HttpRequest, key_id: int, carry_out: Callable[[ApiKey, datetime], None]
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        key = get_object_or_404(ApiKey, pk=key_id)
        try:
            carry_out(key, timezone.now())
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        return _to_page(key)

    def _show_once(self, request: HttpRequest, issued: keys.Issued) -> None:
        said = _("Copy the key now. It is shown this once:")
        self.message_user(request, format_html("{} <code>{}</code>", said, issued.text), messages.SUCCESS)


def _to_page(key: ApiKey) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:api_apikey_change", args=(key.pk,)))
