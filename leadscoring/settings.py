"""All settings, from the environment (see .env.example). A value that cannot be read ends the start."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from leadscoring.ops import embedded
from leadscoring.ops.state import BASE_DIR, State, load_env_file

# Lets annotations such as ModelAdmin[Lead] stand in code that runs.
django_stubs_ext.monkeypatch()

load_env_file()
env = environ.Env()
STATE = State.from_environment()

DEBUG: bool = env.bool("DEBUG", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", default="") or STATE.secret("django")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "leadscoring.ops",
    "leadscoring.people",
    "leadscoring.audit",
    "leadscoring.api",
    "leadscoring.hooks",
    "leads",
    "scoring_models",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "leadscoring.compression.PagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "leadscoring.local_times.TimeZoneMiddleware",
    "leadscoring.giving_back.UnsentMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last: it answers in place of a view that a locked-out sign-in reached.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "leadscoring.urls"
WSGI_APPLICATION = "leadscoring.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: one login for the app, and an owner that migrates (leadscoring/ops/roles.py).


def database_settings() -> dict[str, Any]:
    """What the environment says about the database. Raises ImproperlyConfigured where it cannot be."""
    given = env.str("DATABASE_URL", default="")
    url = given or embedded.database_url()
    owner_url = env.str("DATABASE_OWNER_URL", default="") or (url if given else embedded.owner_url())
    app, owner = environ.Env.db_url_config(url), environ.Env.db_url_config(owner_url)
    if "postgresql" not in app["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres://; no other database will do.")
    if app["NAME"] != owner["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL name different databases.")
    options: dict[str, Any] = {"connect_timeout": 5, **app.get("OPTIONS", {})}
    timeout = env.float("DATABASE_STATEMENT_TIMEOUT", default=0.0)
    if timeout:
        options["options"] = (
            f"{options.get('options', '')} -c statement_timeout={int(timeout * 1000)}".strip()
        )
    pool_size = env.int("DATABASE_POOL", default=0)
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size}
    return {
        **app,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pool_size else env.int("DATABASE_CONN_MAX_AGE", default=3600),
        "CONN_HEALTH_CHECKS": True,
        "OWNER": {name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT")},
    }


DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and sign-in.

AUTH_USER_MODEL = "people.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/queue/"
LOGOUT_REDIRECT_URL = "/login/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURE_LIMIT", default=10)
AXES_COOLOFF_TIME = env.float("SIGN_IN_COOLOFF_HOURS", default=0.25)
# By name and address: a stranger cannot lock a colleague out everywhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
# The default counts failures under one name and looks them up under another where users have no "username".
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "leadscoring.people.lockout.attempted_email"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Time and language.

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "leadscoring.formats"
USE_I18N = True

# Browsers' protections. Plain http is for one machine; behind TLS set HTTPS=1.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
HTTPS: bool = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
# Cookies know no ports: two copies on one machine would sign each other's people out.
SESSION_COOKIE_NAME = env.str("SESSION_COOKIE_NAME", default="leadscoring_session")
CSRF_COOKIE_NAME = env.str("CSRF_COOKIE_NAME", default="leadscoring_csrf")
CSRF_FAILURE_VIEW = "leadscoring.giving_back.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Static files: collected by `manage.py collectstatic`, served by whitenoise, from our own address.

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(STATE.folder / "static")))
STATICFILES_DIRS = [path for path in (BASE_DIR / "static",) if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or env.bool("STATIC_PLAIN", default=False)
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(STATE.folder / "files")))

# Mail: invitations and passwords. Without a server they are written to the log.

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# A server that does not answer must not hold a worker for ever.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="leadscoring@localhost")

# Where people reach the app, for the links in mail.
PUBLIC_URL: str = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip(
    "/"
)

# Calls to addresses that people enter (leadscoring/outgoing.py): ports, networks of one's own, plain http.


def port_range(text: str) -> tuple[int, int]:
    """The first and the last port of "443" or "1024-65535"."""
    low, _, high = text.partition("-")
    return int(low), int(high or low)


OUTGOING_PORTS = [port_range(text) for text in env.list("OUTGOING_PORTS", default=["443", "1024-65535"])]
OUTGOING_ALLOWED_NETWORKS = [ip_network(text) for text in env.list("OUTGOING_ALLOWED_NETWORKS", default=[])]
OUTGOING_PLAIN_HTTP: bool = env.bool("OUTGOING_PLAIN_HTTP", default=False)

# Tasks. PostgreSQL owns the state of all work; the broker only wakes the workers. A nudge that does not
# reach it must fail at once, and the sweeps below find what it would have told.

CELERY_BROKER_URL: str = env.str("BROKER_URL", default="") or embedded.broker_url()
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("BROKER_VISIBILITY_TIMEOUT", default=300),
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1.0,
    "socket_keepalive": True,
    "retry_on_timeout": False,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "leadscoring"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "leadscoring.ops.beat.SingleScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# Each run expires before the next but one: with no worker they do not pile up.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    task: {"task": task, "schedule": seconds, "options": {"expires": 2 * seconds}}
    for task, seconds in (
        ("scoring_models.tasks.score_stale", 2.0),
        ("scoring_models.tasks.score_due", 5.0),
        ("leads.tasks.refresh_responses", 2.0),
        ("leads.tasks.work_bulk_jobs", 2.0),
        ("leads.tasks.work_inbox", 2.0),
        ("leads.tasks.forget_intake", 3600.0),
        ("leads.tasks.work_imports", 2.0),
        ("leads.tasks.forget_files", 3600.0),
        ("leads.tasks.draw_second_looks", 60.0),
        ("leads.tasks.end_orphaned_overrides", 20.0),
        ("leads.tasks.watch", 5.0),
        ("leads.tasks.send_notices", 5.0),
        ("leads.tasks.post_to_chats", 5.0),
        ("leads.tasks.tell_programs", 2.0),
        ("leadscoring.hooks.tasks.send_webhooks", 2.0),
        ("leadscoring.hooks.tasks.tidy_webhooks", 60.0),
        ("scoring_models.tasks.resume_rescores", 10.0),
        ("scoring_models.tasks.resume_evidence", 5.0),
        ("scoring_models.tasks.begin_scheduled", 1.0),
        ("leadscoring.ops.tasks.keep_audit_head", 10.0),
        ("scoring_models.tasks.forget_hits", 600.0),
        ("leadscoring.api.tasks.forget_answers", 3600.0),
    )
}

# The inbox: how many messages may wait before senders are asked to come again later, and for how many days
# those are kept that can't be used or whose person isn't known.
INTAKE_BOUND: int = env.int("INTAKE_BOUND", default=200_000)
# The secrets of webhooks that come in, by name: {"hubspot": ["…"]}; several while one replaces another.
INTAKE_SECRETS: dict[str, Any] = env.json("INTAKE_SECRETS", default={})
INTAKE_KEPT_DAYS: int = env.int("INTAKE_KEPT_DAYS", default=365)

# Where the head of the audit log is kept outside the database (docs/decisions/0012-a-chained-audit-log.md).
AUDIT_HEAD_FILE = Path(env.str("AUDIT_HEAD_FILE", default=str(STATE.folder / "audit-head.json")))

# What answers for the pages of `leads` about scores (leads/scorer.py has the protocol).
LEADS_SCORER = "scoring_models.scorer.Scorer"

# Webhooks out (docs/webhooks.md). Secrets are made with this key: with another one, each endpoint needs a new
# secret. For how many days the log of messages is kept.
WEBHOOKS_KEY: str = env.str("WEBHOOKS_KEY", default="") or SECRET_KEY
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)

# The API. What an operation takes and gives is declared with it (leadscoring/api/operations.py).

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "leadscoring.api.authentication.KeyAuthentication",
        "leadscoring.api.authentication.PageAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": ["leadscoring.api.parsing.ExactJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "leadscoring.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lead scoring",
    "DESCRIPTION": "Everything that the pages can do. How to use it: docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["leadscoring.api.schema.share_refusals"],
}
# More than the largest body of the API, which refuses what is too large in its own words.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# The largest file that can be uploaded to be imported; the import commands take any size.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_MB", default=200) * 1024 * 1024
# A file of many columns has a field for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Logs: warnings and errors, one line each, to standard error.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # One line for each new head of the audit log, so that the log's own keeper has it as well.
        "leadscoring.ops.audit_head": {"level": "INFO"},
    },
}
