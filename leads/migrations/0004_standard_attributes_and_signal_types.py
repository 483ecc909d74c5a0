"""The attributes and signal types that every installation has."""

from django.db import migrations

# key, label, kind, entity, derived
ATTRIBUTES = (
    ("email", "E-mail", "text", "lead", False),
    ("first_name", "First name", "text", "lead", False),
    ("last_name", "Last name", "text", "lead", False),
    ("job_title", "Job title", "text", "lead", False),
    ("job_function", "Job function", "text", "lead", False),
    ("seniority", "Seniority", "text", "lead", False),
    ("phone", "Phone", "text", "lead", False),
    ("country", "Country", "text", "lead", False),
    ("city", "City", "text", "lead", False),
    ("source", "Source", "text", "lead", False),
    ("campaign", "Campaign", "text", "lead", False),
    ("inbound", "Inbound", "boolean", "lead", False),
    ("linkedin_url", "LinkedIn page", "text", "lead", False),
    ("ssi_score", "LinkedIn SSI", "number", "lead", False),
    ("unsubscribed", "Unsubscribed or disconnected", "boolean", "lead", True),
    ("company", "Company", "text", "account", False),
    ("company_domain", "Company domain", "text", "account", False),
    ("company_size", "Company size", "text", "account", False),
    ("revenue", "Revenue", "number", "account", False),
    ("industry", "Industry", "text", "account", False),
    ("company_country", "Company country", "text", "account", False),
    ("is_competitor", "Is a competitor", "boolean", "account", False),
)

# key, label, counts as engagement, class, stage
SIGNAL_TYPES = (
    ("profile_view", "Viewed the profile", True, "engagement", "awareness"),
    ("post_comment", "Commented on a post", True, "engagement", "consideration"),
    ("content_save", "Saved content", True, "engagement", "awareness"),
    ("content_share", "Shared content", True, "engagement", "awareness"),
    ("webinar_attended", "Attended a webinar", True, "engagement", "consideration"),
    ("content_download", "Downloaded content", True, "engagement", "awareness"),
    ("page_view", "Viewed a page", True, "engagement", "awareness"),
    ("form_submit", "Sent a form", True, "engagement", "consideration"),
    ("connection_request_received", "Sent us a connection request", True, "intent", "consideration"),
    ("dm_received", "Started a conversation", True, "intent", "decision"),
    ("email_reply", "Replied to an e-mail", True, "intent", "consideration"),
    ("demo_request", "Asked for a demo", True, "intent", "decision"),
    ("pricing_view", "Viewed the prices", True, "intent", "decision"),
    ("meeting_booked", "Booked a meeting", True, "intent", "decision"),
    ("sales_conversation", "Had an in-depth conversation with sales", True, "intent", "consideration"),
    ("post_like", "Liked a post", False, "vanity", ""),
    ("email_open", "Opened an e-mail", False, "vanity", ""),
    ("email_click", "Clicked in an e-mail", False, "vanity", ""),
    ("unsubscribed", "Unsubscribed", False, "state", ""),
    ("resubscribed", "Subscribed again", False, "state", ""),
    ("disconnected", "Disconnected", False, "state", ""),
    ("reconnected", "Connected again", False, "state", ""),
    ("purchase", "Bought something", False, "state", ""),
)


def add_standard_rows(apps, schema_editor):
    attribute = apps.get_model("leads", "Attribute")
    attribute.objects.bulk_create(
        attribute(key=key, label=label, kind=kind, entity=entity, derived=derived, standard=True)
        for key, label, kind, entity, derived in ATTRIBUTES
    )
    signal_type = apps.get_model("leads", "SignalType")
    signal_type.objects.bulk_create(
        signal_type(
            key=key, label=label, is_engagement=engagement, signal_class=klass, stage=stage, standard=True
        )
        for key, label, engagement, klass, stage in SIGNAL_TYPES
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_score_follows_lead")]
    operations = [migrations.RunPython(add_standard_rows, migrations.RunPython.noop)]
