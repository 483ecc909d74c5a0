"""Every address of the product."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from leadscoring import giving_back, health, sign_in

admin.site.site_header = _("Lead scoring")
admin.site.site_title = _("Lead scoring")
admin.site.index_title = _("Admin")
admin.site.site_url = None
admin.site.enable_nav_sidebar = False

handler400 = "leadscoring.error_pages.bad_request"
handler403 = "leadscoring.error_pages.forbidden"
handler404 = "leadscoring.error_pages.not_found"
handler500 = "leadscoring.error_pages.server_error"

sign_in_urls = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/changed/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path(
        "password/forgotten/",
        auth.PasswordResetView.as_view(form_class=sign_in.ForgottenForm),
        name="password_reset",
    ),
    path("password/forgotten/sent/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/new/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password/new/set/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
]

urlpatterns = [
    # First: nothing is asked for as often.
    path("", include("leads.urls_of_senders")),
    path("", sign_in.home, name="home"),
    path("", include(sign_in_urls)),
    path("unsent/", giving_back.unsent_page, name="unsent"),
    path("unsent/drop/", giving_back.drop_unsent, name="drop_unsent"),
    path("", include("leadscoring.people.urls")),
    path("", include("leads.urls")),
    path("", include("scoring_models.urls")),
    path("api/", include("leadscoring.api_urls")),
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
