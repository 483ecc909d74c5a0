from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0044_ends_of_overrides_told")]

    operations = [
        migrations.AddConstraint(
            model_name="intakemessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("form", "signal")),
                fields=("source", "message_id"),
                name="leads_intake_signal_once",
            ),
        ),
    ]
