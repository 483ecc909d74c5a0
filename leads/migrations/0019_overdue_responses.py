"""Overdue responses of everybody, in one index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0018_skips_and_snoozes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["due_at"], name="leads_response_by"),
        ),
    ]
