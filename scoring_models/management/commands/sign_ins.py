"""`sign_ins`: with whom to sign in to the demo company, or how the first Admin gets into an empty one."""

from typing import Any

from django.core.management.base import BaseCommand

from leadscoring.people import users
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models.demo import cast, company

NO_DEMO = (
    "This installation has no demo company. Admins: {admins}.\n"
    "The first Admin's password was shown at set-up. For another one:\n"
    '  .venv/bin/python manage.py invite you@company.example --name "Your Name" --role Admin'
)


class Command(BaseCommand):
    help = "Print one sign-in for each role of the demo company."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [(role.value, *found) for role in Role if (found := demo_sign_in(role))]
        if not rows:
            admins = ", ".join(users.admins().order_by("email").values_list("email", flat=True)) or "none yet"
            self.stdout.write(NO_DEMO.format(admins=admins))
            return
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            self.stdout.write(
                "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            )


def demo_sign_in(role: Role) -> tuple[str, str] | None:
    """The e-mail address and password of the demo's first person in that role, if they can sign in."""
    email = cast.members(role)[0].email
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        return None
    password = company.password()
    return email, password if user.check_password(password) else "(has a password of their own)"
