"""How many leads a rep of a team works in a day."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_roles_and_system_user"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="leads_a_rep_a_day",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="How many leads one rep can work in a day: what a review compares the queue with.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000),
                ],
                verbose_name="leads a rep a day",
            ),
        ),
    ]
