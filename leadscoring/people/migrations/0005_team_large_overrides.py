"""From how many bands on a team's managers review an override."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_opening_hours"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="large_override_bands",
            field=models.PositiveSmallIntegerField(
                default=2,
                help_text="From how many bands up or down a manager looks at an override afterwards.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(20),
                ],
                verbose_name="large override",
            ),
        ),
    ]
