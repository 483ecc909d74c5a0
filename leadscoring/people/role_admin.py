"""Admin pages that ask for roles: the server checks them on every page, form and action."""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SettingChange, User
from leadscoring.people.roles import Role

M = TypeVar("M", bound=Model)
_UNDO = "leadscoring.undo"  # where the message of a request undoes what it says


def signed_in(request: HttpRequest) -> User:
    """The user of a page that only signed-in people reach."""
    assert isinstance(request.user, User)
    return request.user


def has_role(request: HttpRequest, *roles: Role) -> bool:
    return isinstance(request.user, User) and request.user.has_role(*roles)


class RoleAdmin(admin.ModelAdmin[M]):
    """An admin page that `viewers` may read, `editors` may change and nobody else may open.

    Django's own permissions are not asked. A verb's DomainError becomes a message on the page.
    """

    viewers: ClassVar[tuple[Role, ...]] = ()
    editors: ClassVar[tuple[Role, ...]] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request, *self.viewers, *self.editors)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return has_role(request, *self.viewers, *self.editors)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return has_role(request, *self.editors)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return has_role(request, *self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return has_role(request, *self.editors)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None for many rows at once: Django's own deletes past the verbs."""
        return {}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(request.path)

    def offer_undo(self, request: HttpRequest, *, at: datetime) -> None:
        """Have the message of this request offer to undo the setting that was changed `at` that moment."""
        made = SettingChange.objects.filter(actor=signed_in(request), at=at).order_by("-pk").first()
        if made is not None:
            request.META[_UNDO] = reverse("leads:undo_setting_change", args=(made.pk,))

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        if level == messages.SUCCESS and _UNDO in request.META:
            extra_tags = f"{extra_tags} undo:{request.META[_UNDO]}"
        super().message_user(request, message, level, extra_tags, fail_silently)

    def reason_to_keep(self, obj: M) -> str:
        """Why this can't be deleted, in a sentence; empty if it can."""
        return ""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_delete_permission(request, obj):
            return super().delete_view(request, object_id, extra_context)
        if reason := self.reason_to_keep(obj):
            self.message_user(request, reason, messages.ERROR)
            page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(page, args=(obj.pk,)))
        return super().delete_view(request, object_id, extra_context)


class AuditedAdmin(RoleAdmin[M]):
    """An admin page whose rows are written as they are, with an audit entry in the same transaction."""

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        fields = sorted(form.changed_data)
        self._note(request, obj, "changed" if change else "added", fields=fields)

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self._note(request, obj, "deleted")
        super().delete_model(request, obj)

    def _note(self, request: HttpRequest, obj: M, deed: str, **data: object) -> None:
        action = f"{self.opts.model_name}.{deed}"
        record(action=action, target=obj, actor=signed_in(request), at=timezone.now(), **data)


class VerbAdmin(RoleAdmin[M]):
    """An admin page whose rows verbs write: `save_form` calls them, so that no form writes past them.

    `add_title` is over the page that makes one, which is then left by one button.
    """

    add_title: ClassVar[str | Promise] = ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.add_title:
            return super().add_view(request, form_url, extra_context)
        shown = {"title": self.add_title, "show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, shown)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Nothing is left to save."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save."""


class ReadOnlyAdmin(RoleAdmin[M]):
    """What is written elsewhere, by verbs that keep its rules; here it can only be read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False
