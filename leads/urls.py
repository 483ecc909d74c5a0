"""The addresses of the pages of leads."""

from django.urls import URLPattern

app_name = "leads"

urlpatterns: list[URLPattern] = []
