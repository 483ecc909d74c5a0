"""Attributes in a merge: the kept lead's values hold, and the chosen ones of the other from the merge on."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection

from leads.attributes import definitions, stored_fact
from leads.ingestion.history import Dated, keep, received, settle
from leads.ingestion.records import LEAD_COLUMNS, LeadRecord
from leads.ingestion.told import StoredFact, Told, from_json, json_of, json_value
from leads.merging.pair import Doing, Pair
from leads.models import DatedValue, Entity, Lead, Merge
from leads.models.dated_value import MEMBERSHIP

EMAIL = "email"
_ROW = f"""
SELECT attributes::text, facts::text, words::text, {", ".join(LEAD_COLUMNS)} FROM leads_lead WHERE id = %s
"""
# The account that a lead belonged to before anything else was known of it.
_FIRST_ACCOUNT = """
INSERT INTO leads_datedvalue (lead_id, key, value, since, recorded_at)
SELECT l.id, '@account', to_jsonb(l.account_id), NULL, l.recorded_at FROM leads_lead l
 WHERE l.id = %s AND NOT EXISTS (
       SELECT FROM leads_datedvalue v WHERE v.lead_id = l.id AND v.key = '@account')
"""
# What the kept lead was told by the other's key since the merge, told the other; with what was there before.
_TOLD_MEANWHILE = """
WITH meanwhile AS MATERIALIZED (
    SELECT * FROM leads_datedvalue
     WHERE lead_id = %(kept)s AND told_as_id = %(absorbed)s AND recorded_at > %(merged_at)s
       AND retracted_at IS NULL
), beginning AS (
    INSERT INTO leads_datedvalue (lead_id, key, value, words, given, recorded_at)
    SELECT DISTINCT l.id, f.key,
           CASE WHEN f.key = ANY (%(columns)s::text[]) THEN NULLIF(to_jsonb(l) -> f.key, 'null')
                ELSE l.facts -> f.key END,
           l.words ->> f.key, l.attributes ->> f.key, l.recorded_at
      FROM meanwhile f JOIN leads_lead l ON l.id = %(absorbed)s
     WHERE NOT EXISTS (SELECT FROM leads_datedvalue v WHERE v.lead_id = l.id AND v.key = f.key)
)
INSERT INTO leads_datedvalue (lead_id, key, value, words, given, since, recorded_at, message_id)
SELECT %(absorbed)s, key, value, words, given, since, %(at)s, message_id FROM meanwhile
"""
_SETTLE_ACCOUNT = """
UPDATE leads_lead l SET account_id = was.account_id
  FROM leads_lead x CROSS JOIN LATERAL leads_lead_at(x, %s, NULL) was
 WHERE x.id = %s AND l.id = x.id AND l.account_id IS DISTINCT FROM was.account_id
"""


def told_by(lead: Lead) -> Told:
    """What a lead's row says of the person, as an import would tell it."""
    with connection.cursor() as cursor:
        cursor.execute(_ROW, [lead.pk])
        attributes, facts_text, words_text, *columns = cursor.fetchone()
    given, words = from_json(attributes), from_json(words_text)
    typed = dict(zip(LEAD_COLUMNS, columns, strict=True))
    facts: Mapping[str, StoredFact] = from_json(facts_text)
    told = Told()
    for key, attribute in definitions().items():
        fact = typed.get(key) if key in LEAD_COLUMNS else facts.get(key)
        if attribute.entity == Entity.LEAD and fact is not None:
            told.display[key] = str(given.get(key, fact))
            told.words[key] = str(words[key]) if key in words else None
            if key in LEAD_COLUMNS:
                told.columns[key] = fact
            else:
                told.facts[key] = facts[key]
    return told


def row_with(pair: Pair, keys: Collection[str], *, with_account: bool) -> str:
    """The columns of the kept lead's row that these values of the other would change, as JSON."""
    told = told_by(pair.absorbed)
    told = told.without([key for key in told.display if key not in keys])
    kept = LeadRecord(id=pair.kept.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts::text, words::text FROM leads_lead WHERE id = %s", [pair.kept.pk])
        facts, words = cursor.fetchone()
    kept.facts, kept.words = from_json(facts), {key: str(value) for key, value in from_json(words).items()}
    kept.learn(told)
    columns = [f"{json.dumps(key)}:{json_value(stored_fact(fact))}" for key, fact in told.columns.items()]
    columns += [f'"facts":{json_of(kept.facts)}', f'"words":{json_of(kept.words)}']
    if with_account:
        columns.append(f'"account_id":{json.dumps(pair.absorbed.account_id)}')
    return "{" + ",".join(columns) + "}"


def take_values(doing: Doing, keys: Collection[str]) -> None:
    """Let the kept lead have these values of the other since the merge, its e-mail address among them."""
    told = told_by(doing.absorbed)
    told = told.without([key for key in told.display if key not in keys])
    if EMAIL in told.display:
        _give_up_addresses(doing)
    if told.display:
        record = LeadRecord(id=doing.kept.pk)
        keep("lead", [Dated(record, told, doing.at, told_as=doing.absorbed.pk)], at=doing.at)


def give_values_back(doing: Doing) -> None:
    """Take back what the kept lead has of the other, who gets what was told by its own key meanwhile."""
    at, since = doing.at, doing.merge.merged_at
    received(at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            _TOLD_MEANWHILE,
            {
                **{"kept": doing.kept.pk, "absorbed": doing.absorbed.pk, "columns": list(LEAD_COLUMNS)},
                **{"merged_at": since, "at": at},
            },
        )
    DatedValue.objects.filter(
        lead=doing.kept, told_as=doing.absorbed, recorded_at__gte=since, retracted_at=None
    ).update(retracted_at=at)
    settle("lead", [doing.kept.pk], at=at)
    _settle_account(doing.kept, at=at)
    gone = DatedValue.objects.filter(lead=doing.absorbed, key=EMAIL, recorded_at=since, retracted_at=None)
    gone.filter(since__isnull=False).update(retracted_at=at)
    settle("lead", [doing.absorbed.pk], at=at)


def take_account(doing: Doing) -> None:
    """Let the kept lead belong to the other's account since the merge."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ACCOUNT, [doing.kept.pk])
    DatedValue.objects.create(
        lead=doing.kept,
        key=MEMBERSHIP,
        value=doing.absorbed.account_id,
        since=doing.at,
        recorded_at=doing.at,
        told_as=doing.absorbed,
    )
    _settle_account(doing.kept, at=doing.at)


def _settle_account(lead: Lead, *, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE_ACCOUNT, [at, lead.pk])


def _give_up_addresses(doing: Doing) -> None:
    """Let both leads go of their addresses, of which the kept one takes the other's; the merge keeps both."""
    merge: Merge = doing.merge
    merge.kept_email, merge.absorbed_email = doing.kept.email, doing.absorbed.email
    merge.save(update_fields=("kept_email", "absorbed_email"))
    Lead.objects.filter(pk=doing.absorbed.pk).update(email=None)
