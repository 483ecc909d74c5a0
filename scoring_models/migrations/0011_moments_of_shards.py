"""Each shard of a run keeps the moment by which its leads were scored."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring_models", "0010_revision_of_what_is_live")]

    operations = [
        migrations.AddField(model_name="rescoreshard", name="as_of", field=models.DateTimeField(null=True))
    ]
