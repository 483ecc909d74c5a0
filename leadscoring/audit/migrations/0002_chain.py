"""Chains the audit log: every entry gets a number, the hash of the one before, and its own hash, at commit."""

from django.db import migrations, models

# Only the database's owner could change a row at all; this keeps even its scripts from doing so by accident.
GUARD = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sequence IS NULL
       AND to_jsonb(NEW) - ARRAY['sequence', 'previous', 'hash']
         = to_jsonb(OLD) - ARRAY['sequence', 'previous', 'hash'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING MESSAGE = 'The audit log only grows.', ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""

CHAIN = """
-- Nobody brings a number or a hash along.
CREATE FUNCTION audit_begins() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.sequence := NULL;
    NEW.previous := '';
    NEW.hash := '';
    RETURN NEW;
END $$;
CREATE TRIGGER audit_begins BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_begins();

CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last audit_head;
    e audit_entry;
BEGIN
    -- The first of a transaction's entries chains them all; the others' turns find nothing left.
    IF NOT EXISTS (SELECT FROM audit_entry WHERE id = NEW.id AND sequence IS NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit_head AS h (id, count, hash) VALUES (1, 0, '')
        ON CONFLICT (id) DO UPDATE SET count = h.count RETURNING * INTO last;
    FOR e IN SELECT * FROM audit_entry WHERE sequence IS NULL ORDER BY id LOOP
        e.sequence := last.count + 1;
        e.previous := last.hash;
        e.hash := encode(sha256(convert_to(jsonb_build_array(
            e.sequence, e.previous, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            e.actor_id, e.action, e.object_type, e.object_id, e.data)::text, 'UTF8')), 'hex');
        UPDATE audit_entry SET sequence = e.sequence, previous = e.previous, hash = e.hash WHERE id = e.id;
        last.count := e.sequence;
        last.hash := e.hash;
    END LOOP;
    UPDATE audit_head SET count = last.count, hash = last.hash WHERE id = 1;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_chain();
"""

# What is there already, in the order in which it was written.
CHAIN_WHAT_IS_THERE = """
DO $$
DECLARE
    last audit_head;
    e audit_entry;
BEGIN
    last := (1, 0, '');
    FOR e IN SELECT * FROM audit_entry ORDER BY id LOOP
        e.sequence := last.count + 1;
        e.previous := last.hash;
        e.hash := encode(sha256(convert_to(jsonb_build_array(
            e.sequence, e.previous, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            e.actor_id, e.action, e.object_type, e.object_id, e.data)::text, 'UTF8')), 'hex');
        UPDATE audit_entry SET sequence = e.sequence, previous = e.previous, hash = e.hash WHERE id = e.id;
        last.count := e.sequence;
        last.hash := e.hash;
    END LOOP;
    INSERT INTO audit_head (id, count, hash) VALUES (1, last.count, last.hash);
END $$;
"""

UNDO = "DROP FUNCTION audit_chain, audit_begins, audit_refuse CASCADE"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("count", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={"db_table": "audit_head"},
        ),
        migrations.AddConstraint(
            model_name="audithead",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_one_head"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="sequence",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="previous",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="hash",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.RunSQL(CHAIN_WHAT_IS_THERE, "DELETE FROM audit_head"),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.UniqueConstraint(fields=("sequence",), name="audit_sequence_once"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(condition=models.Q(("sequence", None)), fields=["id"], name="audit_unchained"),
        ),
        migrations.RunSQL(CHAIN + GUARD, UNDO),
    ]
