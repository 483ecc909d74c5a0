"""The log of messages: what was sent where, what came back, and sending one again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from leadscoring.errors import DomainError
from leadscoring.hooks import replaying
from leadscoring.hooks.deliveries import State, in_state, state_of
from leadscoring.hooks.models import Attempt, Delivery
from leadscoring.people.role_admin import ReadOnlyAdmin, signed_in
from leadscoring.people.roles import Role

SHOWN = (
    *("event", "endpoint", "state", "reason", "lead", "webhook_id", "happened", "tries", "next_try"),
    *("delivered_at", "dead_at", "body"),
)
LATEST = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")


class StateFilter(admin.SimpleListFilter):
    """Where a message is on its way."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        state = self.value()
        return in_state(queryset, State(state)) if state and state in State.values else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    viewers = (Role.ADMIN,)
    change_form_template = "admin/hooks/delivery/change_form.html"
    list_display = ("event", "lead", "endpoint", "state", "tries", "answer", "happened")
    list_filter = (StateFilter, "endpoint", "event__kind")
    list_select_related = ("event", "endpoint")
    search_fields = ("=event__lead_id",)
    search_help_text = gettext_lazy("The number of a lead")
    date_hierarchy = "event__at"
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = 50
    fields = SHOWN
    readonly_fields = SHOWN

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        latest = {f"latest_{name}": Subquery(LATEST.values(name)[:1]) for name in ("status", "ms", "error")}
        return super().get_queryset(request).select_related("event", "endpoint").annotate(**latest)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        shown = {
            "title": _("Message"),
            "attempts": [] if delivery is None else delivery.latest_first,
            "may_replay": delivery is not None and state_of(delivery) != State.WAITING,
        }
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description=gettext_lazy("state"))
    def state(self, delivery: Delivery) -> str:
        return str(state_of(delivery).label)

    @admin.display(description=gettext_lazy("next try"))
    def next_try(self, delivery: Delivery) -> str:
        if state_of(delivery) != State.WAITING:
            return "–"
        return date_format(timezone.localtime(delivery.due_at), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("latest answer"))
    def answer(self, delivery: Delivery) -> str:
        status, ms = (getattr(delivery, f"latest_{name}", None) for name in ("status", "ms"))
        if ms is None:
            return "–"
        return f"{status or _('none')} · {ms} ms"

    @admin.display(description=gettext_lazy("lead"))
    def lead(self, delivery: Delivery) -> str:
        lead_id = delivery.event.lead_id
        return "–" if lead_id is None else format_html('<a href="/leads/{0}/">{0}</a>', lead_id)

    @admin.display(description=gettext_lazy("when"), ordering="event__at")
    def happened(self, delivery: Delivery) -> str:
        return date_format(timezone.localtime(delivery.event.at), "DATETIME_FORMAT")

    @admin.display(description="webhook-id")
    def webhook_id(self, delivery: Delivery) -> str:
        return delivery.event.webhook_id

    @admin.display(description=gettext_lazy("what is sent"))
    def body(self, delivery: Delivery) -> str:
        return format_html("<code>{}</code>", delivery.event.body)

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(require_POST(self.replay))
        return [
            path("<int:delivery_id>/replay/", again, name="hooks_delivery_replay"),
            *super().get_urls(),
        ]

    def replay(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        """Send one message again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            replaying.replay(delivery_id=delivery_id, actor=signed_in(request), at=timezone.now())
            self.message_user(request, _("The message goes out again."), messages.SUCCESS)
        except DomainError as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:hooks_delivery_change", args=(delivery_id,)))
