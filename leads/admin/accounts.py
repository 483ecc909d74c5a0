"""Accounts: their owner is set here; what is known of them comes in by import."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from leads.admin.facts import facts_table
from leads.models import Account, Lead
from leadscoring.people.models import User
from leadscoring.people.role_admin import AuditedAdmin
from leadscoring.people.roles import Role


def possible_owners() -> QuerySet[User]:
    """Active people of a team: an owner without one could not see the leads."""
    return User.objects.people().filter(is_active=True, teams__isnull=False).distinct().order_by("name", "pk")


class AccountForm(forms.ModelForm[Account]):
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=possible_owners(),
        required=False,
        help_text=_("New leads of this company go to this person."),
    )

    class Meta:
        model = Account
        fields = ("owner",)


@admin.register(Account)
class AccountAdmin(AuditedAdmin[Account]):
    viewers = (Role.MANAGER, Role.ADMIN)
    editors = (Role.MARKETING,)
    form = AccountForm
    fields = ("name", "owner", "known", "created_at")
    readonly_fields = ("name", "known", "created_at")
    list_display = ("name", "company_domain", "trade", "size", "owner", "leads_now")
    list_filter = ("is_competitor",)
    list_select_related = ("owner",)
    search_fields = ("company__startswith", "=company_domain")
    search_help_text = _("How the name begins, or the domain")
    show_full_result_count = False
    ordering = ("company", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        # Counted for the accounts of a page: a join would count those of all before the first is shown.
        leads = Lead.objects.filter(account=OuterRef("pk")).values("account").annotate(n=Count("*"))
        return super().get_queryset(request).annotate(lead_count=Coalesce(Subquery(leads.values("n")), 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:
        return self.readonly_fields

    @admin.display(description=_("company"), ordering="company")
    def name(self, account: Account) -> str:
        return str(account)

    @admin.display(description=_("industry"), ordering="industry")
    def trade(self, account: Account) -> str:
        return str(account.attributes.get("industry", ""))

    @admin.display(description=_("company size"), ordering="company_size")
    def size(self, account: Account) -> str:
        return str(account.attributes.get("company_size", ""))

    @admin.display(description=_("leads"), ordering="lead_count")
    def leads_now(self, account: Account) -> int:
        return int(getattr(account, "lead_count", 0))

    @admin.display(description=_("what is known"))
    def known(self, account: Account) -> str:
        return facts_table(account.attributes)
