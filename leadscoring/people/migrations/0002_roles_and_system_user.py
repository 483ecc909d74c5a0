"""The four roles as groups, and the user that stands for the system itself."""

from django.contrib.auth.hashers import make_password
from django.db import migrations


def add_roles_and_system_user(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    group.objects.bulk_create(group(name=name) for name in ("Rep", "Marketing", "Manager", "Admin"))
    apps.get_model("people", "User").objects.create(
        email="system@leadscoring.invalid", name="System", is_active=False, password=make_password(None)
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(add_roles_and_system_user, migrations.RunPython.noop)]
