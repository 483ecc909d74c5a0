"""What keeps the history of values, and what a lead or an account was at an earlier moment.

A trigger writes a `DatedValue` for each value that a statement changes, whoever changes it. It takes its moment
from the setting `leads.at`, else from the clock. What the history says already is not written again: so a
value that came with a time of its own is written first, and the row is then set to what holds now.
"""

import json

from django.db import migrations

LEAD = (
    *("email", "first_name", "last_name", "job_title", "job_function", "seniority", "phone", "country"),
    *("city", "source", "campaign", "inbound", "linkedin_url", "ssi_score"),
)
ACCOUNT = (
    *("company", "company_domain", "company_size", "revenue", "industry", "company_country"),
    "is_competitor",
)

# `base` as it was at as_of (known_at NULL: by all that is known). Not a value of what was inserted later.
AT = """
CREATE FUNCTION leads_{entity}_at(base leads_{entity}, as_of timestamptz, known_at timestamptz)
RETURNS leads_{entity} LANGUAGE plpgsql STABLE {plan} AS $$
DECLARE
    columns CONSTANT text[] := ARRAY[{names}];
    held jsonb;
    own_values jsonb;
    own_words jsonb;
    as_given jsonb;
BEGIN
    IF base.recorded_at > known_at THEN
        RETURN jsonb_populate_record(base, {nothing});
    END IF;
    SELECT jsonb_object_agg({column}, v.value) FILTER (WHERE v.key = ANY (columns)),
           jsonb_object_agg(v.key, v.value) FILTER (WHERE v.key <> ALL (columns)),
           jsonb_object_agg(v.key, v.words), jsonb_object_agg(v.key, v.given)
      INTO held, own_values, own_words, as_given
      FROM (SELECT DISTINCT ON (key) key, value, words, given
              FROM leads_datedvalue
             WHERE {entity}_id = base.id AND (since IS NULL OR since <= as_of)
               AND (known_at IS NULL OR recorded_at <= known_at)
             ORDER BY key, since DESC NULLS LAST, message_id DESC NULLS FIRST, id DESC) v;
    IF own_words IS NULL THEN
        RETURN base;
    END IF;
    RETURN jsonb_populate_record(base, COALESCE(held, '{{}}') || jsonb_build_object(
        'facts', jsonb_strip_nulls(base.facts || COALESCE(own_values, '{{}}')),
        'words', NULLIF(jsonb_strip_nulls(COALESCE(base.words, '{{}}') || own_words), '{{}}'),
        'attributes', jsonb_strip_nulls(base.attributes || as_given)));
END $$;
"""

# Plans are kept, and the first one is made when the history is empty: then no index seems worth its while.
PLAN = "SET enable_seqscan = off"
REMEMBER = """
CREATE FUNCTION leads_{entity}_remember() RETURNS trigger LANGUAGE plpgsql {plan} AS $$
DECLARE
    at timestamptz := COALESCE(NULLIF(current_setting('leads.at', true), '')::timestamptz, clock_timestamp());
BEGIN
    WITH changed AS MATERIALIZED (
        SELECT n.id, n.recorded_at, d.*,
               o.words ->> d.key AS words_before, n.words ->> d.key AS words_after,
               o.attributes ->> d.key AS given_before, n.attributes ->> d.key AS given_after,
               GREATEST(at, (SELECT max(v.since) FROM leads_datedvalue v
                              WHERE v.{entity}_id = n.id AND v.key = d.key AND v.since <= v.recorded_at)
               ) AS since
          FROM new_rows n JOIN old_rows o USING (id)
         CROSS JOIN LATERAL (
               SELECT * FROM (VALUES {pairs}) AS typed (key, before, after)
                UNION ALL
               SELECT key, b.value, a.value
                 FROM jsonb_each(o.facts) b FULL JOIN jsonb_each(n.facts) a USING (key)) d
         WHERE ({old_values}) IS DISTINCT FROM ({new_values}) AND d.before IS DISTINCT FROM d.after
    ), beginning AS (
        INSERT INTO leads_datedvalue ({entity}_id, key, value, words, given, since, recorded_at)
        SELECT id, key, before, words_before, given_before, NULL, recorded_at FROM changed c
         WHERE (SELECT TRUE FROM leads_datedvalue v
                 WHERE v.{entity}_id = c.id AND v.key = c.key LIMIT 1) IS NULL
    )
    INSERT INTO leads_datedvalue ({entity}_id, key, value, words, given, since, recorded_at)
    SELECT id, key, after, words_after, given_after, since, at FROM changed c
     WHERE NOT COALESCE((
           SELECT v.value IS NOT DISTINCT FROM c.after FROM leads_datedvalue v
            WHERE v.{entity}_id = c.id AND v.key = c.key AND (v.since IS NULL OR v.since <= c.since)
            ORDER BY v.since DESC NULLS LAST, v.message_id DESC NULLS FIRST, v.id DESC LIMIT 1), FALSE);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_{entity}_remember AFTER UPDATE ON leads_{entity}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_{entity}_remember();
"""
# Who is erased is erased with all that they were.
ERASE = """
ALTER TABLE leads_datedvalue ADD FOREIGN KEY ({entity}_id) REFERENCES leads_{entity} ON DELETE CASCADE;
"""
FORGET = """
DROP TRIGGER leads_{entity}_remember ON leads_{entity};
DROP FUNCTION leads_{entity}_remember;
DROP FUNCTION leads_{entity}_at;
"""


def statements(entity, attributes):
    """How to begin and to end keeping the history of leads or of accounts."""
    member = entity == "lead"
    stored = {key: key for key in attributes} | ({"@account": "account_id"} if member else {})
    unknown = {**dict.fromkeys(stored.values()), "words": None, "facts": {}, "attributes": {}}
    words = {
        "entity": entity,
        "plan": PLAN,
        "names": ", ".join(f"'{key}'" for key in stored),
        "column": "CASE v.key WHEN '@account' THEN 'account_id' ELSE v.key END" if member else "v.key",
        "nothing": f"'{json.dumps(unknown)}'",
        "pairs": ", ".join(
            f"('{key}', to_jsonb(o.{name}), to_jsonb(n.{name}))" for key, name in stored.items()
        ),
        "old_values": ", ".join(f"o.{name}" for name in (*stored.values(), "facts")),
        "new_values": ", ".join(f"n.{name}" for name in (*stored.values(), "facts")),
    }
    return "".join(text.format(**words) for text in (AT, REMEMBER, ERASE)), FORGET.format(**words)


# What is there already came, as far as anybody knows, when it was created.
KNOWN_SINCE = """
UPDATE leads_lead SET recorded_at = created_at;
UPDATE leads_account SET recorded_at = created_at;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0008_dated_values")]
    operations = [
        migrations.RunSQL(KNOWN_SINCE, migrations.RunSQL.noop),
        *(migrations.RunSQL(*statements(*one)) for one in (("lead", LEAD), ("account", ACCOUNT))),
    ]
