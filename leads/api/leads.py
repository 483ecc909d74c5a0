"""/api/v1/leads/: written by who imports, read by who may see them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access
from leads.api.attributes import Attributes
from leads.api.shown import LeadShown, ShownLead, lead_tag, shown
from leads.api.values import set_by_hand
from leads.attributes import MAX_INDEXED, normal_text
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.leads import save_leads
from leads.ingestion.locks import lock_arrivals
from leads.ingestion.people import known_as
from leads.ingestion.rows import LeadRow, Refusal
from leads.models import Lead, OutcomeKind
from leads.search import find_leads
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match
from leadscoring.api.fields import Moment, Text
from leadscoring.api.lists import Listed, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from leadscoring.people.roles import Role

SOURCE = "api"
IMPORTERS = (Role.MARKETING,)
EDITORS = (Role.MARKETING, Role.REP, Role.MANAGER)
JO = {
    "external_id": "crm-1042",
    "attributes": {"email": "jo@brandt.example", "job_title": "VP Sales", "company": "Brandt"},
}


class LeadsQuery(PageQuery):
    q = Text(
        required=False,
        max_length=200,
        help_text="Beginnings of names or of the e-mail, part of the company's name, or the external id.",
    )


class LeadBody(Body):
    """A person, found by `external_id`, else by the attribute `email`; what isn't said stays as it is."""

    external_id = Text(required=False, min_length=1, max_length=MAX_INDEXED // 4)
    attributes = Attributes(required=False)
    created_at = Moment(required=False, help_text="When the lead began, where you know better.")
    values_at = Moment(required=False, help_text="Since when the attributes hold; else since now.")
    outcome = serializers.ChoiceField(OutcomeKind.choices, required=False, help_text="Closes the lead.")
    team = Text(required=False, min_length=1, max_length=100, help_text="A team's name.")
    owner = Text(required=False, min_length=1, max_length=254, help_text="A person's e-mail address.")
    source = Text(  # type: ignore[assignment]  # not the attribute of fields
        required=False, min_length=1, max_length=200, help_text="Of a new lead without one."
    )


class LeadChange(Body):
    attributes = Attributes()
    values_at = Moment(required=False, help_text="Since when they hold; else since now. Marketing's.")


@operation(scope=Scope.READ, query=LeadsQuery, gives=page_of(LeadShown))
def list_leads(call: Call) -> Listed:
    """The leads that you may see, newest first."""
    query = call.query
    page = find_leads(
        user=call.user, query=query.get("q", ""), after=query.get("cursor"), size=query["limit"]
    )
    return Listed(shown(page.leads, at=call.at), page.next, page.previous)


@operation(
    scope=Scope.LEADS_WRITE,
    roles=IMPORTERS,
    takes=LeadBody,
    gives=LeadShown,
    statuses=(201, 200),
    examples={"A lead of a CRM": JO},
)
def save_lead(call: Call) -> Given:
    """Make a lead, or add to what is known of it.

    201 where it is new, 200 where it was known already.
    """
    row = row_of(call.body)
    result = save_leads(
        [row], at=call.at, actor=call.user, source=call.body.get("source", SOURCE), told_by=call.told_by
    )
    if result.refusals:
        raise refused(result.refusals[0], call.body)
    one = _shown(call, _find(row))
    headers = {"ETag": lead_tag(one), "Location": f"/api/v1/leads/{one.lead.pk}/"}
    return Given(one, 201 if result.created else 200, headers)


@operation(scope=Scope.READ, gives=LeadShown)
def show_lead(call: Call, lead_id: int) -> Given:
    """One lead.

    The ETag covers what can be edited; the score changes by itself.
    """
    one = _shown(call, lead_id)
    return Given(one, headers={"ETag": lead_tag(one)})


@operation(
    scope=Scope.LEADS_WRITE,
    roles=EDITORS,
    takes=LeadChange,
    gives=LeadShown,
    matches=True,
    examples={"Another title": {"attributes": {"job_title": "Chief Revenue Officer"}}},
)
def change_lead(call: Call, lead_id: int) -> Given:
    """Change attributes of a lead; the others stay.

    Marketing changes those of the company, too, and says since when they hold. Reps and managers set those of
    the person from now on, of leads that they may work; an empty text takes a value away.
    """
    with transaction.atomic():
        lock_arrivals(alone=False)  # as whoever saves leads does, before any row
        access.lock_to_see(call.user, lead_id)
        before = _shown(call, lead_id)
        check_match(call.request, lead_tag(before))
        if call.user.has_role(*IMPORTERS):
            _import(call, before.lead)
        else:
            _set_by_hand(call, before.lead)
        one = _shown(call, lead_id)
    return Given(one, headers={"ETag": lead_tag(one)})


def _import(call: Call, lead: Lead) -> None:
    result = save_leads([_change_of(lead, call.body)], at=call.at, actor=call.user, told_by=call.told_by)
    if result.refusals:
        raise refused(result.refusals[0], call.body)


def _set_by_hand(call: Call, lead: Lead) -> None:
    if "values_at" in call.body:
        said = _("What is set by hand holds from now on.")
        raise Problem(422, "lead.refused", said, (Fault("/values_at", said, "refused"),))
    access.check_may_work(call.user, lead, now=call.at)
    set_by_hand(call, lead, call.body["attributes"])


def row_of(body: Mapping[str, Any], number: int = 0) -> LeadRow:
    """The row of an import that a body is."""
    outcome = body.get("outcome")
    return LeadRow(
        number=number,
        values=body.get("attributes", {}),
        external_id=body.get("external_id"),
        created_at=body.get("created_at"),
        values_at=body.get("values_at"),
        outcome=OutcomeKind(outcome) if outcome else None,
        team=body.get("team"),
        owner=body.get("owner"),
    )


def refused(refusal: Refusal, body: Mapping[str, Any]) -> Problem:
    """Why a lead can't be used, by field."""
    given = body.get("attributes", {})
    names = [name for name in refusal.column.split("; ") if name]
    faults = [
        Fault(f"/attributes/{name}" if name in given else f"/{name}", refusal.reason, "refused")
        for name in names
    ]
    return Problem(422, "lead.refused", refusal.reason, faults)


def _change_of(lead: Lead, body: Mapping[str, Any]) -> LeadRow:
    """The row that changes this lead and no other."""
    values = body["attributes"]
    if lead.external_id is not None:
        return LeadRow(0, values, external_id=lead.external_id, values_at=body.get("values_at"))
    if normal_text(str(values.get("email", lead.email))) != lead.email or lead.email is None:
        said = _(
            "This lead is known by its e-mail address only, which can't be changed. Give it an id first."
        )
        raise Problem(422, "lead.refused", said, (Fault("/attributes/email", said, "refused"),))
    return LeadRow(0, {**values, "email": lead.email}, values_at=body.get("values_at"))


def _find(row: LeadRow) -> int:
    """The lead that a row which was taken told of."""
    if row.external_id is not None and row.external_id.strip():
        return known_as(EXTERNAL_ID, row.external_id.strip())
    return known_as(EMAIL, normal_text(str(row.values["email"])) or "")


def _shown(call: Call, lead_id: int) -> ShownLead:
    return shown([visible_lead(call.user, lead_id)], at=call.at)[0]


def visible_lead(user: User, lead_id: int) -> Lead:
    """The lead with all that is shown of it. Raises DomainError `lead.not_found`."""
    access.get_lead(user, lead_id)
    return Lead.objects.select_related("account", "owner", "team", "score").get(pk=lead_id)


leads = resource(get=list_leads, post=save_lead)
lead = resource(get=show_lead, patch=change_lead)
