"""/api/v1/accounts/: the companies of the leads that one may see."""

from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.admin.accounts import AccountForm
from leads.api.by_form import write
from leads.api.leads import LeadsQuery
from leads.api.shown import Named
from leads.models import Account
from leads.text import normalise
from leadscoring.api.bodies import Body
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Id
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role


class AccountChange(Body):
    owner = Id(allow_null=True, help_text="Somebody who works in a team: gets new leads of this company.")


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
def show_account(call: Call, account_id: int) -> Given:
    """One company."""
    found = _found(call.user, account_id)
    return Given(found, headers={"ETag": _tag(found)})


@operation(
    scope=Scope.LEADS_WRITE,
    roles=(Role.MARKETING,),
    takes=AccountChange,
    gives=AccountShown,
    matches=True,
    examples={"Another owner": {"owner": 7}, "Nobody": {"owner": None}},
)
def change_account(call: Call, account_id: int) -> Given:
    """Say whose new leads of a company are. What is known of it comes with its leads."""
    with transaction.atomic():
        Account.objects.select_for_update().filter(pk=account_id).first()
        seen = _found(call.user, account_id)
        check_match(call.request, _tag(seen))
        write(AccountForm({"owner": call.body["owner"]}, instance=seen), call, "changed", {})
    changed = _found(call.user, account_id)
    return Given(changed, headers={"ETag": _tag(changed)})


def _found(user: User, account_id: int) -> Account:
    found = _counted(Listed(list(_visible(user).filter(pk=account_id))), user)
    if not found.results:
        raise DomainError("account.not_found", _("There is no such company, or nobody of it is your team's."))
    account: Account = found.results[0]
    return account


def _tag(account: Account) -> str:
    return etag_of([account.pk, account.owner_id])


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
account = resource(get=show_account, patch=change_account)
