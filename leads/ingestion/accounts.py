"""Finding the company that a row tells of: by domain, else by name, never by the e-mail's domain."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection

from leads.attributes import Fact
from leads.ingestion.history import Dated, split
from leads.ingestion.records import ACCOUNT_COLUMNS, AccountRecord, LeadRecord
from leads.ingestion.told import Told, from_json

_FETCH = f"""
SELECT id, owner_id, attributes::text, facts::text, words::text, {", ".join(ACCOUNT_COLUMNS)}
  FROM leads_account
 WHERE company_domain = ANY(%s) OR company = ANY(%s) OR id = ANY(%s)
 ORDER BY id FOR UPDATE
"""


class Accounts:
    """The accounts that a chunk of rows is about, their rows locked to the end of the transaction.

    `told` are, by account id, the attributes that earlier chunks of the same import told of.
    """

    def __init__(self, told: Mapping[int, Collection[str]]) -> None:
        self._told = told
        self.records: list[AccountRecord] = []
        self.dated: list[Dated] = []
        self.conflicts = 0
        self._by_id: dict[int, AccountRecord] = {}
        self._by_domain: dict[Fact | None, AccountRecord] = {}
        self._by_name: dict[Fact | None, list[AccountRecord]] = {}

    def fetch(self, told: Collection[Told], account_ids: Collection[int]) -> None:
        """Read and lock what these rows can be about."""
        domains = {one.columns["company_domain"] for one in told if "company_domain" in one.columns}
        names = {one.columns["company"] for one in told if "company" in one.columns}
        if not (domains or names or account_ids):
            return
        with connection.cursor() as cursor:
            cursor.execute(_FETCH, [list(domains), list(names), list(account_ids)])
            for pk, owner_id, attributes, facts, words, *columns in cursor.fetchall():
                record = AccountRecord(
                    id=pk,
                    attributes={key: str(value) for key, value in from_json(attributes).items()},
                    facts=from_json(facts),
                    words={key: str(value) for key, value in from_json(words).items()},
                    columns=dict(zip(ACCOUNT_COLUMNS, columns, strict=True)),
                    owner_id=owner_id,
                    told=set(self._told.get(pk, ())),
                )
                self._index(record)

    def tell(self, lead: LeadRecord, told: Told, since: datetime | None = None) -> bool:
        """Give the lead the account that this is told of; whether it was news of that account.

        What holds of a known account since a moment of its own is put into `dated`.
        """
        current = lead.account or self._by_id.get(lead.account_id or 0)
        if not told.display:
            return False
        account = self._match(told.columns.get("company_domain"), told.columns.get("company"), current)
        if account is None:
            account = AccountRecord(id=None)
            self.records.append(account)
        lead.account = account
        if since is not None and account.id is not None:
            told, rest = split(told)
            self.dated.append(Dated(account, rest, since))
        return self._learn(account, told)

    def _match(
        self, domain: Fact | None, name: Fact | None, current: AccountRecord | None
    ) -> AccountRecord | None:
        if current and domain in (None, current.domain) and name in (None, current.company):
            return current
        if domain in self._by_domain:
            return self._by_domain[domain]
        for account in sorted(self._by_name.get(name, ()), key=_without_domain_first):
            if domain is None or account.domain is None:
                return account
        if current and _agree(domain, current.domain) and _agree(name, current.company):
            return current
        return None

    def _learn(self, account: AccountRecord, told: Told) -> bool:
        """Take over what this import hasn't told of the account before: what comes first stays.

        Else two rows that say different things of one company would change it back and forth at each import.
        """
        news = Told()
        for key in told.display:
            if account.fact(key) == told.fact(key):
                continue  # The same in another spelling is no news of a company that many rows tell of.
            if key in account.told:
                self.conflicts += 1
            else:
                news.take(key, told)
        account.told |= told.display.keys()
        self._forget(account)
        is_news = account.learn(news)
        account.changed |= is_news
        self._index(account)
        return is_news

    def _index(self, account: AccountRecord) -> None:
        if account.id is not None:
            if account.id not in self._by_id:
                self.records.append(account)
            self._by_id[account.id] = account
        if account.domain is not None:
            self._by_domain[account.domain] = account
        if account.company is not None:
            self._by_name.setdefault(account.company, []).append(account)

    def _forget(self, account: AccountRecord) -> None:
        if account.domain is not None:
            self._by_domain.pop(account.domain, None)
        if account.company is not None and account in self._by_name.get(account.company, ()):
            self._by_name[account.company].remove(account)


def _without_domain_first(account: AccountRecord) -> tuple[bool, bool, int]:
    return account.domain is not None, account.id is None, account.id or 0


def _agree(told: Fact | None, known: Fact | None) -> bool:
    return told is None or known is None or told == known
