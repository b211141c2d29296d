"""Every setting of the product, read from the environment (see README, "Settings")."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from config import addresses

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / ".data")).resolve()
DEBUG = os.environ.get("DEBUG", "0") == "1"

# Where the product answers. BASE_URL is what people type; it also decides whether cookies demand TLS.
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
BASE_URL = os.environ.get("BASE_URL", addresses.base_url(HOST, PORT))
SECURE = BASE_URL.startswith("https://")
SECRET_KEY = os.environ.get("SECRET_KEY") or addresses.secret_key(DATA_DIR)
ALLOWED_HOSTS = (
    os.environ.get("ALLOWED_HOSTS", "").split(",") if os.environ.get("ALLOWED_HOSTS") else addresses.allowed_hosts(BASE_URL, HOST)
)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DEMO = os.environ.get("DEMO", "1") == "1"

DATABASE_URL = os.environ.get("DATABASE_URL") or addresses.database_url(DATA_DIR)
REDIS_URL = os.environ.get("REDIS_URL") or addresses.redis_url(DATA_DIR)
EMAIL_URL = os.environ.get("EMAIL_URL", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config",
    "crm",
    "pipeline",
    "analytics",
]

MIDDLEWARE = [
    "config.metrics.MetricsMiddleware",
    # First those that only add headers, so that an error page of any later one carries them too.
    "crm.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.middleware.PageGZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crm.middleware.LanguageMiddleware",
    "crm.middleware.OrganisationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.middleware.ServiceErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.context.shell",
            ],
            "builtins": ["crm.templatetags.display", "crm.templatetags.reach"],
        },
    }
]

# Persistent connections are safe because pages run on a fixed pool of threads (docs/adr, "One process, two sides").
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {"options": "-c timezone=UTC -c jit=off -c lock_timeout=10s -c statement_timeout=60s", "connect_timeout": 5}
)
# Counts of tries must hold over all processes, and signing in must work while Redis is away.
CACHES = {"default": {"BACKEND": "config.cache.SharedCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["crm.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "crm.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "crm.forms.account.LoginForm",
    "reset_password": "crm.forms.account.ResetPasswordForm",
    "reset_password_from_key": "crm.forms.account.ResetPasswordKeyForm",
    "reauthenticate": "crm.forms.account.ReauthenticateForm",
    "change_password": "crm.forms.account.ChangePasswordForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.ModuleManifestStorage"},
}
WHITENOISE_MAX_AGE = 60

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "crm.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# An upload of a form is at most this large; files have their own limit where they are taken.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Files of records: where their contents lie, and how large each may be.
FILES_DIR = DATA_DIR / "files"
MAX_FILE_SIZE = int(os.environ.get("MAX_FILE_MB", "25")) * 1024 * 1024
IMPORT_MAX_MB = int(os.environ.get("IMPORT_MAX_MB", "100"))

EMAIL_CONFIG = addresses.email_settings(EMAIL_URL)
EMAIL_BACKEND = EMAIL_CONFIG.pop("EMAIL_BACKEND")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or "Voronka <voronka@localhost>"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.authentication.ApiKeyAuthentication", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "crm.pagination.ListPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api_parsing.StrictJSONParser"],
    "EXCEPTION_HANDLER": "crm.api_errors.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Voronka",
    "DESCRIPTION": "The API of Voronka. Send `Authorization: Bearer KEY`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "Outcome": "pipeline.models.Outcome",
        "CallOutcome": "crm.models.CallOutcome",
        "MeetingOutcome": "crm.models.MeetingOutcome",
        "FieldKind": "crm.models.FieldKind",
        "PairState": "crm.models.PairState",
        "QuoteState": "pipeline.models.QuoteState",
        "MergeKind": [("company", "company"), ("contact", "contact")],
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "crm.schema.describe_refusals"],
}

# Celery carries ids only; the truth is in PostgreSQL (docs/adr, "The journal is the outbox").
CELERY_BROKER_URL = addresses.celery_url(REDIS_URL)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
# One job at a time leaves the other workers to what people wait for; a breath is the rest after a chunk, in parts of its time.
JOBS_AT_ONCE = int(os.environ.get("JOBS_AT_ONCE", "1"))
JOBS_BREATH = 0.25
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep-files": {"task": "crm.tasks.sweep_files", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-events": {"task": "crm.tasks.sweep_events", "schedule": 15.0, "options": {"expires": 15}},
    "run-jobs": {"task": "crm.tasks.run_jobs", "schedule": 10.0, "options": {"expires": 10}},
    "forget-old-jobs": {"task": "crm.tasks.forget_old_jobs", "schedule": 3600.0, "options": {"expires": 3600}},
    "learn-words": {"task": "crm.tasks.learn_words", "schedule": 60.0, "options": {"expires": 60}},
    "fire-reminders": {"task": "crm.tasks.fire_reminders", "schedule": 10.0, "options": {"expires": 10}},
    "send-letters": {"task": "crm.tasks.send_letters", "schedule": 20.0, "options": {"expires": 20}},
    "fold-tallies": {"task": "pipeline.tasks.fold_tallies", "schedule": 10.0, "options": {"expires": 10}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING" if "pytest" in sys.modules else "INFO")},
    "loggers": {"django.server": {"level": "WARNING"}, "celery.beat": {"level": "WARNING"}, "uvicorn.access": {"level": "WARNING"}},
}
