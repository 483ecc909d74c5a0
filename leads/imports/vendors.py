"""Exports that are recognised by the names of their columns, and what these columns mean.

Names are written as they are compared: in small letters. A column that is not listed is looked up in `USUAL`,
or left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Most connections have no e-mail address: their page is what they are known by.
_PAGE = "external_id,linkedin_url"
_PERSON = {"first name": "first_name", "last name": "last_name", "email": "email"}


@dataclass(frozen=True, slots=True)
class Vendor:
    """A system's export: it has all columns of one of `marks`."""

    name: str
    marks: tuple[frozenset[str], ...]
    targets: Mapping[str, str]


VENDORS = (
    Vendor(
        "LinkedIn Connections",
        (frozenset({"first name", "last name", "email address", "company", "position", "connected on"}),),
        {
            **_PERSON,
            "email address": "email",
            "url": _PAGE,
            "company": "company",
            "position": "job_title",
        },
    ),
    Vendor(
        "Apollo",
        (
            frozenset({"apollo contact id"}),
            frozenset({"person linkedin url", "email status"}),
            frozenset({"# employees", "person linkedin url"}),
        ),
        {
            **_PERSON,
            "apollo contact id": "external_id",
            "title": "job_title",
            "company name": "company",
            "company": "company",
            "seniority": "seniority",
            "departments": "job_function",
            "work direct phone": "phone",
            "# employees": "company_size",
            "industry": "industry",
            "person linkedin url": "linkedin_url",
            "website": "company_domain",
            "city": "city",
            "country": "country",
            "company country": "company_country",
            "annual revenue": "revenue",
        },
    ),
    Vendor(
        "HubSpot contacts",
        (
            frozenset({"record id", "lifecycle stage"}),
            frozenset({"record id", "lead status"}),
            frozenset({"record id", "contact owner"}),
            frozenset({"record id", "create date"}),
        ),
        {
            **_PERSON,
            "record id": "external_id",
            "phone number": "phone",
            "job title": "job_title",
            "company name": "company",
            "website url": "company_domain",
            "country/region": "country",
            "city": "city",
            "create date": "created_at",
            "original source": "source",
            "annual revenue": "revenue",
            "industry": "industry",
        },
    ),
    Vendor(
        "Salesforce leads",
        (
            frozenset({"firstname", "lastname", "company", "leadsource"}),
            frozenset({"isconverted", "company"}),
            frozenset({"company", "converted", "email opt out"}),
            frozenset({"company", "lead source", "lead status"}),
            frozenset({"company", "annual revenue", "created date"}),
            frozenset({"company", "annualrevenue", "createddate"}),
        ),
        {
            **_PERSON,
            "id": "external_id",
            "lead id": "external_id",
            "firstname": "first_name",
            "lastname": "last_name",
            "title": "job_title",
            "phone": "phone",
            "company": "company",
            "website": "company_domain",
            "industry": "industry",
            "annual revenue": "revenue",
            "annualrevenue": "revenue",
            "no. of employees": "company_size",
            "numberofemployees": "company_size",
            "lead source": "source",
            "leadsource": "source",
            "city": "city",
            "country": "country",
            "created date": "created_at",
            "createddate": "created_at",
        },
    ),
    Vendor(
        "Pipedrive",
        (
            frozenset({"person - name"}),
            frozenset({"lead - title"}),
            frozenset({"add_time", "org_id", "visible_to"}),
            frozenset({"add_time", "person_id", "visible_to"}),
        ),
        {
            "id": "external_id",
            "person - id": "external_id",
            "lead - id": "external_id",
            "person - first name": "first_name",
            "person - last name": "last_name",
            "person - email": "email",
            "person - email - work": "email",
            "person - phone - work": "phone",
            "person - organization": "company",
            "person - job title": "job_title",
            "lead - source": "source",
            "first_name": "first_name",
            "last_name": "last_name",
            "primary_email": "email",
            "org_name": "company",
            "source_name": "source",
            "add_time": "created_at",
            "title": "",  # Of the lead, not of the person's job.
        },
    ),
)

# What columns are usually called; the keys and names of attributes are tried before.
USUAL = {
    "id": "external_id",
    "lead id": "external_id",
    "contact id": "external_id",
    "customer id": "external_id",
    "user id": "external_id",
    "record id": "external_id",
    "external id": "external_id",
    "e-mail": "email",
    "mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "given name": "first_name",
    "firstname": "first_name",
    "surname": "last_name",
    "lastname": "last_name",
    "family name": "last_name",
    "title": "job_title",
    "position": "job_title",
    "role": "job_title",
    "telephone": "phone",
    "mobile": "phone",
    "phone number": "phone",
    "company name": "company",
    "organisation": "company",
    "organization": "company",
    "account": "company",
    "domain": "company_domain",
    "website": "company_domain",
    "employees": "company_size",
    "lead source": "source",
    "created": "created_at",
    "created at": "created_at",
    "create date": "created_at",
    "linkedin": "linkedin_url",
    "linkedin url": "linkedin_url",
}
# The same for files of signals.
USUAL_OF_SIGNALS = {
    "lead": "lead",
    "lead id": "lead",
    "contact id": "lead",
    "user id": "lead",
    "user_id": "lead",
    "userid": "lead",
    "external id": "lead",
    "external_id": "lead",
    "email": "lead",
    "e-mail": "lead",
    "email address": "lead",
    "type": "type",
    "event": "type",
    "event type": "type",
    "event name": "type",
    "action": "type",
    "activity": "type",
    "timestamp": "occurred_at",
    "occurred at": "occurred_at",
    "occurred_at": "occurred_at",
    "time": "occurred_at",
    "date": "occurred_at",
    "datetime": "occurred_at",
    "sent at": "occurred_at",
    "message id": "message_id",
    "message_id": "message_id",
    "messageid": "message_id",
    "event id": "message_id",
    "event_id": "message_id",
}
