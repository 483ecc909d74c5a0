"""Where a team's notices are posted in its chat, and each message's way there."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0034_objections"),
        ("people", "0007_second_looks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatWebhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=500)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("reached", "A lead of mine comes into one of the two top bands"),
                                ("overdue", "An answer of mine is overdue"),
                                ("review", "A version waits for my review"),
                                ("override_review", "A large override waits for my review"),
                                ("override_ended", "An override of mine has ended"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
            ],
            options={
                "verbose_name": "chat webhook",
                "verbose_name_plural": "chat webhooks",
            },
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="leads_one_delivery_a_channel",
        ),
        migrations.AddField(
            model_name="delivery",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.team",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.CharField(
                choices=[("app", "In the app"), ("email", "By e-mail"), ("chat", "In my team's chat")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reached", "A lead of mine comes into one of the two top bands"),
                    ("overdue", "An answer of mine is overdue"),
                    ("review", "A version waits for my review"),
                    ("override_review", "A large override waits for my review"),
                    ("override_ended", "An override of mine has ended"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="noticeoptout",
            name="channel",
            field=models.CharField(
                choices=[("app", "In the app"), ("email", "By e-mail"), ("chat", "In my team's chat")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="noticeoptout",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reached", "A lead of mine comes into one of the two top bands"),
                    ("overdue", "An answer of mine is overdue"),
                    ("review", "A version waits for my review"),
                    ("override_review", "A large override waits for my review"),
                    ("override_ended", "An override of mine has ended"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("team__isnull", False)),
                fields=["team", "-id"],
                name="leads_delivery_to_chat",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel", "team"),
                name="leads_one_delivery_a_channel",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="chatwebhook",
            name="team",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.team",
                verbose_name="team",
            ),
        ),
    ]
