"""Leads and accounts as an import holds them between reading and writing their rows."""

from dataclasses import dataclass, field
from datetime import datetime

from leads.attributes import Fact
from leads.ingestion.told import StoredFact, Told
from leads.models import OutcomeKind

# The typed columns of standard attributes.
LEAD_COLUMNS = {
    "email": "text",
    "first_name": "text",
    "last_name": "text",
    "job_title": "text",
    "job_function": "text",
    "seniority": "text",
    "phone": "text",
    "country": "text",
    "city": "text",
    "source": "text",
    "campaign": "text",
    "inbound": "boolean",
    "linkedin_url": "text",
    "ssi_score": "numeric",
}
ACCOUNT_COLUMNS = {
    "company": "text",
    "company_domain": "text",
    "company_size": "text",
    "revenue": "numeric",
    "industry": "text",
    "company_country": "text",
    "is_competitor": "boolean",
}


@dataclass(slots=True, eq=False)
class Record:
    """A row that is there or will be. Its mappings are replaced, never changed in place."""

    id: int | None
    attributes: dict[str, str] = field(default_factory=dict)
    facts: dict[str, StoredFact] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Fact | None] = field(default_factory=dict)

    def learn(self, told: Told) -> bool:
        """Take over what is told; whether it was news."""
        known = told.display.items() <= self.attributes.items() and told.facts.items() <= self.facts.items()
        if known:
            return False
        self.attributes = self.attributes | told.display
        self.facts = self.facts | told.facts
        self.columns = {**self.columns, **told.columns}
        kept = {key: words for key, words in self.words.items() if key not in told.words}
        self.words = kept | {key: words for key, words in told.words.items() if words is not None}
        return True


@dataclass(slots=True, eq=False)
class AccountRecord(Record):
    """`told` are the attributes that this import has told of; what it tells first of one stays."""

    owner_id: int | None = None
    told: set[str] = field(default_factory=set)
    changed: bool = False

    def fact(self, key: str) -> Fact | None:
        """What is known of this attribute."""
        return self.columns[key] if key in ACCOUNT_COLUMNS and key in self.columns else self.facts.get(key)

    @property
    def company(self) -> Fact | None:
        return self.columns.get("company")

    @property
    def domain(self) -> Fact | None:
        return self.columns.get("company_domain")


@dataclass(slots=True, eq=False)
class LeadRecord(Record):
    external_id: str | None = None
    email: str | None = None
    account_id: int | None = None
    account: AccountRecord | None = None  # where the import had to look at it; new ones have no id yet
    team_id: int | None = None
    owner_id: int | None = None
    created_at: datetime | None = None
    outcome: OutcomeKind | None = None
    known_as: tuple[str | None, str | None] = (None, None)  # external id and e-mail before this import
    outcome_before: OutcomeKind | None = None
    before: tuple[object, ...] | None = None  # None for a new lead
    absorbed_into: int | None = None

    def state(self) -> tuple[object, ...]:
        """Everything of a lead that an import can change."""
        return (
            self.external_id,
            self.account.id if self.account else self.account_id,
            self.team_id,
            self.owner_id,
            self.outcome,
            self.created_at,
            self.attributes,
            self.facts,
        )

    def is_changed(self) -> bool:
        """Whether it ends other than it began. Ask when new accounts have their ids."""
        return self.before is None or self.state() != self.before

    def outcome_is_news(self) -> bool:
        return self.outcome is not None and self.outcome != self.outcome_before

    def newly_known_as(self) -> tuple[str | None, str | None]:
        """The external id and the e-mail that it has only now."""
        external_id, email = self.known_as
        return (
            self.external_id if self.external_id != external_id else None,
            self.email if self.email != email else None,
        )

    def routing_facts(self) -> dict[str, Fact | None]:
        """Every fact of the person and the company that the routing list can ask for."""
        facts: dict[str, Fact | None] = {**self.columns, **self.facts}
        if self.account is not None:
            facts |= {**self.account.columns, **self.account.facts}
        return facts
