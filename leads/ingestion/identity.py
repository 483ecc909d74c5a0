"""By what a lead is known to the outside: an external id or an e-mail address, each in one form."""

from leads.attributes import check_indexed, check_text, normal_text

EXTERNAL_ID = "external_id"
EMAIL = "email"
LEAD_KEYS = (EXTERNAL_ID, EMAIL)
LEAD_ID = "id"


def external_id(raw: str) -> str | None:
    """An external id as it is looked up: stripped, its letters' case kept. Raises ValueError."""
    text = raw.strip()
    check_text(text)
    check_indexed(text)
    return text or None


def lead_value(lead_key: str, raw: str) -> str | None:
    """A value of `external_id` or `email` as leads are looked up by it. Raises ValueError."""
    if lead_key == EXTERNAL_ID:
        return external_id(raw)
    check_text(raw)
    normal = normal_text(raw)
    if normal is not None:
        check_indexed(normal)
    return normal
