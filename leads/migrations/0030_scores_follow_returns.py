"""Scores follow returned leads, whichever of the two migrations numbered 0027 ran last."""

from importlib import import_module

from django.db import migrations

_handoffs = import_module("leads.migrations.0027_handoffs")


class Migration(migrations.Migration):
    dependencies = [("leads", "0029_bulk_jobs")]
    operations = [migrations.RunSQL(_handoffs.follow(_handoffs.COPIES), migrations.RunSQL.noop)]
