"""/api/v1/accounts/: the companies of the leads that one may see."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.leads import LeadsQuery
from leads.api.shown import Named
from leads.models import Account
from leads.text import normalise
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.models import User


class AccountShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="__str__")
    attributes = serializers.DictField(child=serializers.CharField(), help_text="As they were given.")
    owner = Named(allow_null=True)
    leads = serializers.IntegerField(source="seen_leads", help_text="How many of its people you may see.")
    created_at = serializers.DateTimeField()


@operation(scope=Scope.READ, query=LeadsQuery, gives=page_of(AccountShown))
def list_accounts(call: Call) -> Listed:
    """The companies of the leads that you may see, newest first; `q` is part of the name or the domain."""
    found = _visible(call.user)
    if words := normalise(call.query.get("q", "").replace("\0", "")):
        found = found.filter(company__contains=words) | found.filter(company_domain=words)
    return _counted(newest_first(found, call.query), call.user)


@operation(scope=Scope.READ, gives=AccountShown)
def show_account(call: Call, account_id: int) -> Account:
    """One company."""
    found = _counted(Listed(list(_visible(call.user).filter(pk=account_id))), call.user)
    if not found.results:
        raise DomainError("account.not_found", _("There is no such company, or nobody of it is your team's."))
    account: Account = found.results[0]
    return account


def _visible(user: User) -> QuerySet[Account]:
    accounts = Account.objects.select_related("owner")
    if access.sees_all(user):
        return accounts
    return accounts.filter(Exists(access.visible_leads(user).filter(account=OuterRef("pk"))))


def _counted(page: Listed, user: User) -> Listed:
    """The same with how many people of each this person may see. One query."""
    mine = access.visible_leads(user).filter(account__in=page.results)
    counts = dict(mine.values("account").annotate(people=Count("pk")).values_list("account", "people"))
    for account in page.results:
        account.seen_leads = counts.get(account.pk, 0)
    return page


accounts = resource(get=list_accounts)
account = resource(get=show_account)
