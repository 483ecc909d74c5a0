"""Endpoints: registered, changed, tried out. A secret is shown once, on the page after."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from leadscoring.errors import DomainError
from leadscoring.hooks import endpoints, replaying
from leadscoring.hooks.deliveries import with_counts
from leadscoring.hooks.endpoints import Issued
from leadscoring.hooks.forms import EndpointForm, OverlapForm, ReplayForm
from leadscoring.hooks.models import Endpoint, EventKind, Off
from leadscoring.people.role_admin import VerbAdmin, signed_in
from leadscoring.people.roles import Role

FACTS = ("state", "answered_at", "waiting", "dead", "old_secret", "created_by", "created_at")
Deed = Callable[[int, datetime], None]


@admin.register(Endpoint)
class EndpointAdmin(VerbAdmin[Endpoint]):
    editors = (Role.ADMIN,)
    add_title = gettext_lazy("Register an endpoint")
    form = EndpointForm
    change_form_template = "admin/hooks/endpoint/change_form.html"
    change_list_template = "admin/hooks/endpoint/change_list.html"
    list_display = ("description", "url", "told_of", "state", "waiting", "dead", "answered_at")
    ordering = ("description", "pk")
    readonly_fields = FACTS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return with_counts(super().get_queryset(request).select_related("created_by"))

    def get_fieldsets(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("description", "url", "events", "threshold")}),)
        given = ("description", "url", "events", "threshold", "is_on")
        return ((None, {"fields": given}), (_("How it goes"), {"fields": FACTS}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {
            "title": _("Endpoint"),
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            "overlap": OverlapForm(auto_id="overlap_%s"),
            "replay": ReplayForm(auto_id="replay_%s"),
        }
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description=gettext_lazy("told of"))
    def told_of(self, endpoint: Endpoint) -> str:
        return ", ".join(str(EventKind(kind).label) for kind in endpoint.events)

    @admin.display(description=gettext_lazy("state"))
    def state(self, endpoint: Endpoint) -> str:
        if not endpoint.is_on:
            return _("Off: %(why)s") % {"why": Off(endpoint.off_because).label}
        if endpoint.failing_since is not None:
            return _("Fails since %(moment)s") % {"moment": _moment(endpoint.failing_since)}
        return _("Works") if endpoint.answered_at else _("Nothing sent yet")

    @admin.display(description=gettext_lazy("waiting"))
    def waiting(self, endpoint: Endpoint) -> int:
        return int(getattr(endpoint, "waiting_now", 0))

    @admin.display(description=gettext_lazy("set aside"))
    def dead(self, endpoint: Endpoint) -> int:
        return int(getattr(endpoint, "dead_now", 0))

    @admin.display(description=gettext_lazy("old secret"))
    def old_secret(self, endpoint: Endpoint) -> str:
        until = endpoint.previous_until
        if until is None or until <= timezone.now():
            return _("None signs any more")
        return _("Signs until %(moment)s") % {"moment": _moment(until)}

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Endpoint:
        given = form.cleaned_data
        told: dict[str, Any] = {
            **{name: given[name] for name in ("url", "description", "threshold")},
            "events": [EventKind(kind) for kind in given["events"]],
            "actor": signed_in(request),
            "at": timezone.now(),
        }
        if change:
            return endpoints.change(endpoint_id=form.instance.pk, is_on=given["is_on"], **told)
        issued = endpoints.create(**told)
        self._show_once(request, issued)
        return issued.endpoint

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        endpoints.remove(endpoint_id=obj.pk, actor=signed_in(request), at=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its messages go with it and may be many: only their number is told."""
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        if going := sum(one.deliveries.count() for one in objs):
            counts[_("messages")] = going
        return [str(one) for one in objs], counts, set(), []

    def response_add(
        self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        return _to_page(obj.pk)

    def get_urls(self) -> list[URLPattern]:
        def deed(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<int:endpoint_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"hooks_endpoint_{name}",
            )

        deeds = (deed("rotate", self.rotate), deed("test", self.test), deed("replay", self.replay))
        return [*deeds, *super().get_urls()]

    def rotate(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Give an endpoint a new secret, which is shown once."""

        def carry_out(endpoint_id: int, at: datetime) -> None:
            overlap = OverlapForm(request.POST).overlap
            issued = endpoints.rotate(
                endpoint_id=endpoint_id, overlap=overlap, actor=signed_in(request), at=at
            )
            self._show_once(request, issued)

        return self._deed(request, endpoint_id, carry_out)

    def test(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send it a test event."""

        def carry_out(endpoint_id: int, at: datetime) -> None:
            sent = replaying.send_test(endpoint_id=endpoint_id, actor=signed_in(request), at=at)
            page = reverse("admin:hooks_delivery_change", args=(sent.pk,))
            said = _("A test is on its way. What comes back is in")
            link = format_html('{} <a href="{}">{}</a>.', said, page, _("its log"))
            self.message_user(request, link, messages.SUCCESS)

        return self._deed(request, endpoint_id, carry_out)

    def replay(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Send again what was set aside."""

        def carry_out(endpoint_id: int, at: datetime) -> None:
            form = ReplayForm(request.POST)
            if not form.is_valid():
                raise DomainError("replay.since", _("Write a date and a time."))
            given = form.cleaned_data
            count = replaying.replay_all(
                endpoint_id=endpoint_id,
                since=given["since"],
                delivered_too=given["delivered_too"],
                actor=signed_in(request),
                at=at,
            )
            said = ngettext("%(count)d message goes out again.", "%(count)d messages go out again.", count)
            self.message_user(request, said % {"count": count}, messages.SUCCESS)

        return self._deed(request, endpoint_id, carry_out)

    def _deed(self, request: HttpRequest, endpoint_id: int, carry_out: Deed) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            carry_out(endpoint_id, timezone.now())
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        return _to_page(endpoint_id)

    def _show_once(self, request: HttpRequest, issued: Issued) -> None:
        said = _("Copy the secret now. It is shown this once:")
        self.message_user(request, format_html("{} <code>{}</code>", said, issued.secret), messages.SUCCESS)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _to_page(endpoint_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:hooks_endpoint_change", args=(endpoint_id,)))
