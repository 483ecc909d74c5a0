"""Rank the bands of stored scores from the top, so that those of several models stand in one order."""

from django.db import migrations

FROM_THE_TOP = """
UPDATE leads_score s SET band = s.band - jsonb_array_length(v.frozen::jsonb -> 'bands')
  FROM scoring_models_modelversion v WHERE v.id = s.version_id AND s.band >= 0
"""
FROM_THE_BOTTOM = """
UPDATE leads_score s SET band = s.band + jsonb_array_length(v.frozen::jsonb -> 'bands')
  FROM scoring_models_modelversion v WHERE v.id = s.version_id AND s.band < 0
"""


class Migration(migrations.Migration):
    dependencies = [("scoring_models", "0007_agreements"), ("leads", "0011_journey_stage")]

    operations = [migrations.RunSQL(FROM_THE_TOP, FROM_THE_BOTTOM)]
