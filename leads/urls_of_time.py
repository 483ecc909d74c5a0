"""The addresses of what is due: the day, notices, response times."""

from django.urls import path

from leads.views import notices, response_times, today

urlpatterns = [
    path("today/", today.today_page, name="today"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="read_notices"),
    path("settings/notices/", notices.settings, name="notice_settings"),
    path("response-times/", response_times.response_times, name="response_times"),
    path("response-times/<int:team_id>/", response_times.set_times, name="set_response_times"),
]
