"""Links to the leads behind the findings of rule health."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from scoring_models.health.findings import Finding, Report
from scoring_models.models import ModelVersion

register = template.Library()


@register.simple_tag
def leads_behind(version: ModelVersion, report: Report, finding: Finding) -> str:
    """The address of the list of a finding's leads, as of the report's moment."""
    query = urlencode([*finding.leads, ("at", report.at.isoformat())])
    return f"{reverse('scoring_models:leads', args=(version.pk,))}?{query}"
