from django.urls import path

from leadscoring.people import views

app_name = "people"
urlpatterns = [
    path("invitation/<str:uid>/<str:token>/", views.accept_invitation, name="accept_invitation"),
]
