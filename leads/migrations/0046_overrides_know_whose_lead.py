"""An override knows the team and the owner of its lead, so that a queue looks up its own leads' alone.

The lead is locked against changes of its team for as long as the override is not committed; a change that
commits first is waited for, one that comes later finds the override there.
"""

from django.db import migrations, models
from django.db.models.functions import Coalesce

FOLLOW = """
CREATE FUNCTION leads_override_of_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT team_id, owner_id INTO NEW.lead_team, NEW.lead_owner
      FROM leads_lead WHERE id = NEW.lead_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER leads_override_of_lead BEFORE INSERT OR UPDATE OF lead_id ON leads_override
    FOR EACH ROW EXECUTE FUNCTION leads_override_of_lead();

CREATE FUNCTION leads_override_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads_override SET lead_team = NEW.team_id, lead_owner = NEW.owner_id WHERE lead_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_override_follows_lead AFTER UPDATE ON leads_lead FOR EACH ROW
    WHEN ((OLD.team_id, OLD.owner_id) IS DISTINCT FROM (NEW.team_id, NEW.owner_id))
    EXECUTE FUNCTION leads_override_follows_lead();

UPDATE leads_override o SET lead_team = l.team_id, lead_owner = l.owner_id
  FROM leads_lead l WHERE l.id = o.lead_id;
"""
UNDO = """
DROP TRIGGER leads_override_follows_lead ON leads_lead;
DROP FUNCTION leads_override_follows_lead;
DROP TRIGGER leads_override_of_lead ON leads_override;
DROP FUNCTION leads_override_of_lead;
"""


def field():
    return models.BigIntegerField(editable=False, null=True)


class Migration(migrations.Migration):
    dependencies = [("leads", "0045_signals_set_aside")]
    operations = [
        migrations.AddField("override", "lead_team", field()),
        migrations.AddField("override", "lead_owner", field()),
        migrations.RunSQL(FOLLOW, UNDO),
        migrations.AddIndex(
            "override", models.Index(Coalesce("lead_team", 0), "ends_at", name="leads_override_of_team")
        ),
    ]
