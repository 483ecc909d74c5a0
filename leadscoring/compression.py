"""Pages go out compressed; static files are already when they are collected (whitenoise)."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PagesMiddleware(GZipMiddleware):
    """Compresses HTML for who takes gzip, and nothing else.

    Answers of the API keep their strong ETags, which compressing would weaken. That lengths of compressed
    pages tell nothing of what is in them (BREACH) rests on two things: Django masks the CSRF token anew in
    each page, and each compressed page has up to 100 random bytes added.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response
