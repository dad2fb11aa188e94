"""Every setting, from the environment only. No environment = this laptop, localhost only; SITE_URL = production.

A secret NAME may also be given as NAME_FILE, the path of a file that holds it.
"""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from balint.environment import (
    absolute_folder,
    address,
    database,
    local_secret,
    mail_server,
    master_keys,
    port,
    redis,
    relay,
    site_url,
    text,
)
from balint.logs import broken_page, refused_request

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = absolute_folder(text("BALINT_DATA", "var"))
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

# Where we are: PRODUCTION follows from SITE_URL and nothing else.
PORT = port("PORT", 8000)
SITE_URL = site_url(text("SITE_URL"))
PRODUCTION = bool(SITE_URL) and urlsplit(SITE_URL).hostname not in ("localhost", "127.0.0.1")
# Another address of this laptop, for a rehearsal in the house.
PUBLIC_ADDRESS = address("PUBLIC_ADDRESS", text("PUBLIC_ADDRESS"))
DEBUG = False


def required(name: str, example: str) -> str:
    """The value of a setting that production cannot do without."""
    value = text(name)
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"{name} is missing. Set it (or {name}_FILE), for example {name}={example}.")
    return value


SECRET_KEY = required("SECRET_KEY", "$(openssl rand -base64 48)") or local_secret(DATA_DIR / "secret_key")
if PRODUCTION and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is too short. Use at least 32 characters: openssl rand -base64 48.")

# Wraps the keys of what is encrypted in the database (balint/foundation/vault.py).
MASTER_KEYS = master_keys(required("MASTER_KEY", "$(openssl rand -base64 48)") or local_secret(DATA_DIR / "master_key"))

# The room node: its own process, WebSocket on ROOM_PORT, media on MEDIA_PORT.
ROOM_PORT = port("ROOM_PORT", 8001)
MEDIA_PORT = port("MEDIA_PORT", 8002)
MEDIA_ADDRESS = address("MEDIA_ADDRESS", required("MEDIA_ADDRESS", "203.0.113.7")) or PUBLIC_ADDRESS or "127.0.0.1"
ROOM_URL = required("ROOM_URL", "wss://balint.example.org/node-1")  # empty: ws://<the request's host>:ROOM_PORT
if PRODUCTION and not ROOM_URL.startswith("wss://"):
    raise ImproperlyConfigured("ROOM_URL must begin with wss:// so that nobody on the line can listen.")
# The relay for browsers that nothing but TLS lets out: coturn, which shares the secret. Without it there is none.
TURN_SECRET = text("TURN_SECRET")
TURN_URLS = relay(text("TURN_URL"), TURN_SECRET)

LOCAL_HOSTS = ["localhost", "127.0.0.1", *([PUBLIC_ADDRESS] if PUBLIC_ADDRESS else [])]
if SITE_URL:
    ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *([] if PRODUCTION else LOCAL_HOSTS)]
    ALLOWED_WEBSOCKET_ORIGINS = [SITE_URL]
else:
    ALLOWED_HOSTS = LOCAL_HOSTS
    ALLOWED_WEBSOCKET_ORIGINS = [f"http://{host}:{PORT}" for host in LOCAL_HOSTS]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "allauth",
    "allauth.account",
    "balint.foundation",
    "groups",
    "sessions.apps.SessionsConfig",
    "surveys",
    "analysis",
    "balint",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Pages too. BREACH needs our cookie in another site's requests, where it is Lax, and exact lengths, here blurred.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "balint.middleware.response_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "balint.middleware.time_zone",
]

ROOT_URLCONF = "balint.urls"
ASGI_APPLICATION = "balint.asgi.application"
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
    }
]

# Data. SQLite needs WAL and IMMEDIATE to serve several processes; PostgreSQL needs the pool under ASGI.
DATABASE_URL = required("DATABASE_URL", "postgres://balint:secret@db/balint")
if DATABASE_URL:
    DATABASES = {"default": database(DATABASE_URL)}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 10, "timeout": 10}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "balint.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Between processes: Redis in production; files and the database on a laptop.
REDIS_URL = redis(required("REDIS_URL", "redis://redis:6379/0"))
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    CELERY_BROKER_URL = REDIS_URL
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "balint.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(absolute_folder(DATA_DIR / "queue")),
        "data_folder_out": str(absolute_folder(DATA_DIR / "queue")),
        "control_folder": str(absolute_folder(DATA_DIR / "queue" / "control")),
        "polling_interval": 0.2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    "alive": {"task": "balint.foundation.tasks.report_alive", "schedule": 5.0, "options": {"expires": 5}},
    "forget_speaking": {"task": "sessions.tasks.forget_speaking", "schedule": 86_400.0},
    "sweep": {"task": "balint.foundation.tasks.sweep", "schedule": 30.0, "options": {"expires": 30}},
}

# Mail: to the console and a folder, until EMAIL_URL names a server.
EMAIL_URL = required("EMAIL_URL", "smtp+tls://user:password@mail.example.org:587")
if EMAIL_URL:
    vars().update(mail_server(EMAIL_URL))
else:
    EMAIL_BACKEND = "balint.foundation.mail.ConsoleAndFolder"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = text("MAIL_FROM", f"Balint <balint@{urlsplit(SITE_URL).hostname if SITE_URL else 'localhost'}>")

# Accounts: e-mail and password by allauth.
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up: on to where it was going
ACCOUNT_ADAPTER = "balint.accounts.Adapter"
ACCOUNT_FORMS = {
    "login": "balint.accounts.LoginForm",
    "signup": "balint.accounts.SignupForm",
    "change_password": "balint.accounts.ChangePasswordForm",
    "reset_password": "balint.accounts.ResetPasswordForm",
    "reset_password_from_key": "balint.accounts.ResetPasswordKeyForm",
    "reauthenticate": "balint.accounts.ReauthenticateForm",
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = absolute_folder(DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "balint.storage.HashedFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Nothing inline, nothing from elsewhere. The room's page adds its node's address.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "balint.views.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the proxy before us says who came; what came before it may be invented
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True

# Logs carry no names, no links, no addresses: requests are not logged at all, only what went wrong.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "filters": {
        "broken_page": {"()": "django.utils.log.CallbackFilter", "callback": broken_page},
        "refused_request": {"()": "django.utils.log.CallbackFilter", "callback": refused_request},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        "refused": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["refused_request"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "balint": {"level": "INFO"},
        "django.request": {"level": "ERROR", "filters": ["broken_page"]},
        "django.security": {"level": "ERROR", "handlers": ["refused"], "propagate": False},
        "daphne": {"level": "WARNING"},
    },
}
