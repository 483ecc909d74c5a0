"""What keeps merges in order, and values that were taken back out of the history.

A statement reads merges only where there are any: the first one renews the revision of what statements hang on
(`0006_vocabulary_revision`).
"""

from importlib import import_module

from django.db import migrations

remember_values = import_module("leads.migrations.0009_remember_values")

MERGES = """
-- Two who merge at once wait for each other here, and the later one sees what the earlier one did.
CREATE FUNCTION leads_merge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM leads_lead WHERE id IN (NEW.kept_id, NEW.absorbed_id) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM leads_merge WHERE absorbed_id = NEW.kept_id AND undone_at IS NULL) THEN
        RAISE EXCEPTION 'lead % is absorbed itself', NEW.kept_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leads_merge_guard BEFORE INSERT ON leads_merge
    FOR EACH ROW EXECUTE FUNCTION leads_merge_guard();

CREATE FUNCTION leads_merge_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads_lead l SET absorbed_into_id = (
           SELECT m.kept_id FROM leads_merge m WHERE m.absorbed_id = l.id AND m.undone_at IS NULL
            ORDER BY m.merged_at DESC, m.id DESC LIMIT 1)
     WHERE l.id = COALESCE(NEW.absorbed_id, OLD.absorbed_id);
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM leads_merge WHERE id <> NEW.id) THEN
        UPDATE leads_vocabulary SET revision = gen_random_uuid();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_merge_follow AFTER INSERT OR UPDATE OR DELETE ON leads_merge
    FOR EACH ROW EXECUTE FUNCTION leads_merge_follow();
"""
UNMERGED = """
DROP TRIGGER leads_merge_guard ON leads_merge;
DROP TRIGGER leads_merge_follow ON leads_merge;
DROP FUNCTION leads_merge_guard;
DROP FUNCTION leads_merge_follow;
"""

# The functions of 0009 as they are, but for what was taken back.
_CHANGES = (
    ("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
    ("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"),
    (
        "AND (known_at IS NULL OR recorded_at <= known_at)",
        "AND (known_at IS NULL OR recorded_at <= known_at)\n"
        "               AND (retracted_at IS NULL OR retracted_at > known_at)",
    ),
    (
        "AND (v.since IS NULL OR v.since <= c.since)",
        "AND (v.since IS NULL OR v.since <= c.since)\n              AND v.retracted_at IS NULL",
    ),
)


def functions(entity, attributes, *, changed):
    """The functions and the trigger that keep the history of leads or of accounts."""
    sql = remember_values.statements(entity, attributes)[0].partition("\nALTER TABLE")[0]
    for before, after in _CHANGES[: None if changed else 2]:
        assert before in sql
        sql = sql.replace(before, after)
    return sql


def replacing(entity, attributes):
    changed, unchanged = (functions(entity, attributes, changed=one) for one in (True, False))
    return migrations.RunSQL(changed, unchanged)


class Migration(migrations.Migration):
    dependencies = [("leads", "0022_merged_leads")]
    operations = [
        migrations.RunSQL(MERGES, UNMERGED),
        replacing("lead", remember_values.LEAD),
        replacing("account", remember_values.ACCOUNT),
    ]
