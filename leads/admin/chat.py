"""Chat webhooks: each team's managers set theirs. The address is not shown again once it is saved."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import ChatWebhook, NoticeKind
from leads.notices import webhooks
from leadscoring.errors import DomainError
from leadscoring.outgoing import check_url
from leadscoring.people.models import Team
from leadscoring.people.role_admin import VerbAdmin, signed_in
from leadscoring.people.roles import Role


class ChatWebhookForm(forms.ModelForm[ChatWebhook]):
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off", "size": 80}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What is posted"), choices=NoticeKind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ChatWebhook
        fields = ("team", "kinds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["address"].help_text = _(
                "Set: %(masked)s It is not shown again. Leave this empty to keep it."
            ) % {"masked": self.instance.masked}
        else:
            self.fields["address"].required = True
            self.fields["address"].help_text = _(
                "What Slack, Mattermost or another chat gives out as the address of an incoming webhook."
            )
            self.initial["kinds"] = list(NoticeKind)

    def clean_address(self) -> str:
        url: str = self.cleaned_data["address"].strip()
        if url:
            try:
                check_url(url)
            except DomainError as refusal:
                raise forms.ValidationError(refusal.sentence) from refusal
        return url


@admin.register(ChatWebhook)
class ChatWebhookAdmin(VerbAdmin[ChatWebhook]):
    editors = (Role.MANAGER, Role.ADMIN)
    form = ChatWebhookForm
    list_display = ("team", "masked_address", "last_message")
    list_select_related = ("team",)
    ordering = ("team__name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatWebhook]:
        return super().get_queryset(request).filter(team__in=_own_teams(request))

    def get_fields(self, request: HttpRequest, obj: ChatWebhook | None = None) -> Any:
        return ("team", "address", "kinds", *(("last_message",) if obj else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: ChatWebhook | None = None) -> Any:
        return ("team", "last_message") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "team":
            free = _own_teams(request).exclude(pk__in=ChatWebhook.objects.values("team"))
            kwargs["queryset"] = free.order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ChatWebhook:
        given = form.cleaned_data
        return webhooks.set_webhook(
            team=form.instance.team,
            url=given["address"],
            kinds=given["kinds"],
            actor=signed_in(request),
            at=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: ChatWebhook) -> None:
        webhooks.remove(webhook=obj, actor=signed_in(request), at=timezone.now())

    @admin.display(description=_("address"))
    def masked_address(self, webhook: ChatWebhook) -> str:
        return webhook.masked

    @admin.display(description=_("last message"))
    def last_message(self, webhook: ChatWebhook) -> str:
        return webhooks.last_delivery(webhook.team)


def _own_teams(request: HttpRequest) -> QuerySet[Team]:
    """The teams whose webhook this person may set."""
    user = signed_in(request)
    return Team.objects.all() if user.has_role(Role.ADMIN) else Team.objects.filter(pk__in=user.team_ids)
