"""Accounts in the admin."""

from typing import Any

from django.contrib.admin import site
from django.test import RequestFactory

from leads.models import Account, Lead


def test_an_account_is_listed_with_how_many_leads_it_has(db: None) -> None:
    acme, alone = Account.objects.create(company="acme"), Account.objects.create(company="alone")
    for _each in range(2):
        Lead.objects.create(account=acme)

    listed: Any = site.get_model_admin(Account).get_queryset(RequestFactory().get("/"))

    assert {account.pk: account.lead_count for account in listed} == {acme.pk: 2, alone.pk: 0}
