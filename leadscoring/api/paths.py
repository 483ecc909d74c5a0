"""The ids in addresses."""

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """A number that the database can hold; a longer one is no address of ours."""

    regex = "[1-9][0-9]{0,17}"


ID_SCHEMA = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
KEY_SCHEMA = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 60}
