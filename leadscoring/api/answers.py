"""What goes out: a status, a text and headers. Plain data, so that it can be kept and sent again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse
from rest_framework.utils.encoders import JSONEncoder

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON
    kept: str | None = None  # the text for repeated requests, where it is another one

    def response(self) -> HttpResponse:
        """The same for Django to send."""
        response = HttpResponse(self.text, status=self.status, content_type=self.media_type)
        for name, value in self.headers.items():
            response[name] = value
        return response


def as_json(data: object) -> str:
    """The JSON of plain data; moments are ISO 8601, decimals exact."""
    return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
