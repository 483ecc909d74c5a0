"""What runs by itself about the installation, not about leads."""

from celery import shared_task
from django.conf import settings

from leadscoring.ops import audit_head


@shared_task
def keep_audit_head() -> None:
    """Note the head of the audit log outside the database."""
    audit_head.keep(settings.AUDIT_HEAD_FILE)
