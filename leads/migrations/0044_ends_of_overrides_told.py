"""Overrides that end by themselves are told to other programs; those that ended before this aren't news."""

from django.db import migrations, models

OLD_ONES = "UPDATE leads_override SET end_told = true WHERE ends_at <= now()"


class Migration(migrations.Migration):
    dependencies = [("leads", "0043_marks_of_other_models")]

    operations = [
        migrations.AddField(
            model_name="override",
            name="end_told",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether other programs were told that its time was over.",
            ),
        ),
        migrations.RunSQL(OLD_ONES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="override",
            index=models.Index(
                condition=models.Q(("end_told", False), ("planned_end", None)),
                fields=["ends_at"],
                name="leads_override_end_untold",
            ),
        ),
    ]
