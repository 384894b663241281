"""Django's settings (配置): everything that differs between machines comes from the environment.

`DATABASE_URL` names the database as the application's plain role; secrets are base64 texts or keys made by
`yiyuan.runtime`. There is no default secret: a process without one does not start.
"""

import base64
import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parents[1]


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(
            f"{name} is not set: start through ./yiyuan, or put the secret into the environment"
        )
    return value


COUNTIES = os.environ.get("YIYUAN_COUNTIES", "")
# The site, which sees nothing by itself, answers many at once: helpers start slower than a sum is told.
ONE_PROCESS = " -c max_parallel_workers_per_gather=0"


def _database(url: str) -> dict[str, object]:
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "yiyuan"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Row-level security shows the rows of these counties; none said, none shown.
        "OPTIONS": {"options": f"-c yiyuan.counties={COUNTIES}{'' if COUNTIES else ONE_PROCESS}"},
        "TEST": {"NAME": "test_yiyuan"},
    }


SECRET_KEY = _secret("YIYUAN_SECRET_KEY")
FIELD_KEY = base64.b64decode(_secret("YIYUAN_FIELD_KEY"))
INDEX_KEY = base64.b64decode(_secret("YIYUAN_INDEX_KEY"))
DATA_HOME = Path(os.environ.get("YIYUAN_HOME", PROJECT / ".yiyuan"))
# Where the city publishes the guide's web page for residents; printed as a code on the paper.
GUIDE_ADDRESS = os.environ.get("YIYUAN_GUIDE_ADDRESS", "")
BANKS = Path(os.environ.get("YIYUAN_BANKS", PROJECT / "banks"))
SCHEMES = Path(os.environ.get("YIYUAN_SCHEMES", PROJECT / "schemes"))

DEBUG = False
ALLOWED_HOSTS = os.environ.get("YIYUAN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "yiyuan.config.urls"
WSGI_APPLICATION = "yiyuan.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.StaffMember"
AUTHENTICATION_BACKENDS = ["yiyuan.apps.accounts.backends.StaffBackend"]
LOGIN_URL = "desk:sign_in"
LOGIN_REDIRECT_URL = "desk:workbench"
LOGOUT_REDIRECT_URL = "desk:sign_in"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "csp",
    "pgtrigger",
    "procrastinate.contrib.django",
    "yiyuan.apps.accounts",
    "yiyuan.apps.audit",
    "yiyuan.apps.outbox",
    "yiyuan.apps.sums",
    "yiyuan.apps.registry",
    "yiyuan.apps.schemes",
    "yiyuan.apps.deadlines",
    "yiyuan.apps.ledger",
    "yiyuan.apps.payments",
    "yiyuan.apps.underwriting",
    "yiyuan.apps.adjudication",
    "yiyuan.apps.screening",
    "yiyuan.apps.claims",
    "yiyuan.apps.intake",
    "yiyuan.apps.reporting",
    "yiyuan.interfaces.jobs",
    "yiyuan.interfaces.desk",
]

MIDDLEWARE = [
    "yiyuan.interfaces.desk.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yiyuan.interfaces.desk.middleware.OwnRows",
    "yiyuan.interfaces.desk.middleware.OwnPassword",
    "yiyuan.interfaces.desk.middleware.SchemeRefused",
    "yiyuan.interfaces.desk.middleware.KeyRefused",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django_cotton.cotton_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "yiyuan.interfaces.desk.context.page_frame",
            ],
        },
    }
]

# A component sees its own attributes and what context processors give, never the page's variables.
COTTON_ISOLATE_BY_DEFAULT = True

DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///yiyuan"))}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "img-src": ["'self'", "data:"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "interfaces" / "desk" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
# Files are served as they stand in the package, so that a first start needs no collecting step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = DATA_HOME / "uploads"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
# The largest paper of the underwriting file the site takes.
PAPER_BYTES_MAX = 20 * 1024 * 1024
# The largest department file the site takes; larger ones go through `./yiyuan import`.
IMPORT_BYTES_MAX = 200 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
