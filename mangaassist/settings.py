"""All settings. With no environment at all they describe this machine.

AWS is reached through boto3's own variables.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext

from mangaassist import claude, logging
from mangaassist.environment import (
    env_address,
    env_bool,
    env_float,
    env_int,
    env_list,
    env_origins,
    env_quota,
    env_quotas,
    env_rate,
    env_secret,
    env_str,
    env_weekly,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var")))

# Lets admin classes name their model's type; Django's own lack the brackets.
django_stubs_ext.monkeypatch()

# Django
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY", "insecure-local-key-that-the-deploy-check-reports-0123456789")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])
CSRF_FAILURE_VIEW = "mangaassist.api.handlers.csrf_failure"
LOGIN_URL = env_str("LOGIN_URL", "/admin/login/")  # where shoppers log in; gets `next`
ROOT_URLCONF = "mangaassist.urls"
ASGI_APPLICATION = "mangaassist.asgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mangaassist",
    "enrichment",
    "chat",
    "dashboard",
]
MIDDLEWARE = [
    "mangaassist.request_ids.RequestIds",
    "mangaassist.probes.Probes",
    "mangaassist.request_metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Security behind a TLS-terminating load balancer
SECURE_COOKIES = env_bool("SECURE_COOKIES", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None

# Threads of a worker share a few connections, since each needs one only for a short statement.
DATABASES: dict[str, dict[str, Any]] = {
    "default": dict(
        dj_database_url.parse(env_str("DATABASE_URL", f"sqlite:///{VAR_DIR}/mangaassist.sqlite3"))
    )
}
if "postgresql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {
        # A host that vanishes would otherwise hold threads for minutes, those that report it too.
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,  # milliseconds
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "pool": {"min_size": 1, "max_size": env_int("DATABASE_POOL_SIZE", 8), "timeout": 30},
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

# Logs
LOGGING = logging.configure(env_str("LOG_LEVEL", "INFO"))

# Redis
REDIS_URL = env_str("REDIS_URL", "redis://127.0.0.1:6379/0")

# API
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)  # that append to X-Forwarded-For
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "mangaassist.api.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["mangaassist.api.permissions.Denied"],
    "DEFAULT_THROTTLE_CLASSES": ["mangaassist.api.throttles.Rates"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of the export.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "mangaassist.api.parsers.BoundedJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "mangaassist.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "mangaassist.api.schema.OperationSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MangaAssist",
    "DESCRIPTION": "Writes about manga titles. All errors are problem documents (RFC 9457).",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "ReleaseState": "enrichment.models.Release.State",
        "JobState": "enrichment.models.Job.State",
        "ItemState": "enrichment.states.State",
        "Lane": "enrichment.window.Lane",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
API_RATES = {  # scope → requests a minute, and how many of them at once
    "read": env_rate("API_RATE_READ", (600, 100)),
    "write": env_rate("API_RATE_WRITE", (120, 40)),
    "upload": env_rate("API_RATE_UPLOAD", (30, 10)),
    "stranger": env_rate("API_RATE_STRANGER", (60, 30)),  # who has no token, or a wrong one
}
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_BYTES", 50 * 1024 * 1024)
REQUEST_MAX_BYTES = env_int("REQUEST_MAX_BYTES", 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = REQUEST_MAX_BYTES  # of a form beside its files, or of JSON
FORM_OVERHEAD = 64 * 1024  # bytes around and beside the file of an upload
BODY_LIMITS = dict.fromkeys(  # path → bytes posted there
    ("/api/releases/", "/dashboard/uploads/"), UPLOAD_MAX_BYTES + FORM_OVERHEAD
)

# AWS
AWS_REGION = env_str("AWS_REGION", env_str("AWS_DEFAULT_REGION", "us-east-1"))
HOST_ROLES = env_list("HOST_ROLES", [])  # ARNs of roles that may take ours, as ECS tasks may

# OpenSearch
OPENSEARCH_URL = env_str("OPENSEARCH_URL", "http://127.0.0.1:9200")
OPENSEARCH_SERVICE = env_str("OPENSEARCH_SERVICE", "aoss")  # that signatures name; es: a domain
OPENSEARCH_COLLECTION = env_str("OPENSEARCH_COLLECTION", "manga-titles")  # that provision makes
OPENSEARCH_VPC_ENDPOINTS = env_list("OPENSEARCH_VPC_ENDPOINTS", [])  # none: reached from anywhere
OPENSEARCH_INDEX = env_str("OPENSEARCH_INDEX", "manga-titles")  # how names of indices begin

# Queues
POLL_SECONDS = env_int("POLL_SECONDS", 2)  # of a long poll, 1 to 20; a stop waits for its end

# Bedrock: requests and tokens a minute, as Service Quotas shows them
BEDROCK_QUOTA = env_quota("BEDROCK_QUOTA", (10_000, 20_000_000))  # of any other model
BEDROCK_QUOTAS = env_quotas("BEDROCK_QUOTAS", {})

# Pools
ACCOUNT_SLOTS = env_int("ACCOUNT_SLOTS", 3_000)  # executions at a time that the account allows
WEB_SLOTS = env_int("WEB_SLOTS", 50)  # of each web process; of the pool by as many as there are
WORKER_SLOTS = env_int("WORKER_SLOTS", 5)  # of each worker that the autoscaler starts
SCALING_DRIVER = env_str("SCALING_DRIVER", "local")  # local processes, or ecs services
ECS_CLUSTER = env_str("ECS_CLUSTER", "manga")

# Enrichment
ENRICHMENT_MODEL = env_str("ENRICHMENT_MODEL", f"global.{claude.HAIKU_45}")
ITEM_TRIES = env_int("ITEM_TRIES", 6)
ITEM_CRASHES = env_int("ITEM_CRASHES", 3)
# What one user may begin: as fast as 25 calls at a time of two seconds could end it.
TITLES_PER_MINUTE = env_int("TITLES_PER_MINUTE", 750)
TITLES_AT_ONCE = env_int("TITLES_AT_ONCE", 20_000)
# What staff marked for the weekly run: when it starts (in TIME_ZONE), how many titles at most, and
# for how long after that time it is still tried.
WEEKLY_RUN = env_weekly("WEEKLY_RUN", (0, time(10)))
WEEKLY_TITLES = env_int("WEEKLY_TITLES", 2_000)
WEEKLY_HOURS = env_float("WEEKLY_HOURS", 6.0)
RECONCILE_HOURS = env_float("RECONCILE_HOURS", 1.0)  # between comparisons with the catalogue

# Chat
CHAT_MODEL = env_str("CHAT_MODEL", f"global.{claude.HAIKU_45}")
CHAT_STRONG_MODEL = env_str("CHAT_STRONG_MODEL", f"global.{claude.SONNET_46}")
CHAT_SESSION_MINUTES = env_float("CHAT_SESSION_MINUTES", 30.0)  # without a sign of life
CHAT_TITLES = "enrichment.titles.names"  # yields what the chat may look up: ids and their names
STORE_TITLE_URL = env_address("STORE_TITLE_URL", "")  # of the shop; without it, cards have no link
GUARDRAIL_ID = env_str("GUARDRAIL_ID", "")  # of Bedrock; without it, our own rules alone
GUARDRAIL_VERSION = env_str("GUARDRAIL_VERSION", "DRAFT")
WEBSOCKETS = "chat.routing.application"
CHAT_RATE = env_rate("CHAT_RATE", (20, 5))  # messages of one visitor a minute, and at once
CHAT_REPLIES_PER_SESSION = env_int("CHAT_REPLIES_PER_SESSION", 3)  # at once, in one process
CHAT_REPLIES_PER_ADDRESS = env_int("CHAT_REPLIES_PER_ADDRESS", 30)
CHAT_REPLIES_PER_PROCESS = env_int("CHAT_REPLIES_PER_PROCESS", 150)  # three times its peak
CHAT_CONNECTION_RATE = env_rate("CHAT_CONNECTION_RATE", (240, 60))  # frames of one connection
CHAT_IDLE_SECONDS = env_float("CHAT_IDLE_SECONDS", 600.0)  # API Gateway closes idle ones then
CHAT_LIFE_SECONDS = env_float("CHAT_LIFE_SECONDS", 7_200.0)  # and old ones
CHAT_EMBED_ORIGINS = env_origins("CHAT_EMBED_ORIGINS", [])  # of stores that may frame the chat
HTTP = "chat.routing.gateway"  # what is asked before Django, around it
CHAT_GATEWAY_SECRET = env_secret("CHAT_GATEWAY_SECRET", "")  # without it, no API Gateway
CHAT_GATEWAY_API = env_str("CHAT_GATEWAY_API", "")  # its id and stage, such as a1b2c3d4e5/live

# Keeper
ALARM_DUTIES = {  # also of web and autoscaler, which so see that all keepers are dead
    "mangaassist.alarms.duty.evaluate": 10.0,
    "mangaassist.alarms.notices.mail_alarms": 5.0,
    "mangaassist.alarms.notices.post_alarms": 5.0,
}
WEB_DUTIES = {
    "mangaassist.presence.beat_of_pool": 5.0,
    "chat.retrieval.read_names": 240.0,  # before they are no longer fresh
    **ALARM_DUTIES,
}
KEEPER_DUTIES = {  # duty → seconds between its runs
    "enrichment.dispatch.dispatch": env_float("DISPATCH_EVERY", 0.5),
    "enrichment.intake.dispatch": 0.5,
    "enrichment.reconciling.begin_scheduled": 60.0,
    "enrichment.reconciling.dispatch": 2.0,
    "enrichment.index_feed.dispatch": 2.0,  # Changes that come together go together.
    "enrichment.weekly.run": 30.0,
    "enrichment.releases.forget": 3_600.0,
    "enrichment.reaper.reap": 5.0,
    "enrichment.closing.close_jobs": 1.0,
    "enrichment.folding.fold": 5.0,
    "chat.keeping.collect": 0.5,  # A message ends within 28 s though its process died.
    "mangaassist.presence.beat_of_keeper": 5.0,
    "enrichment.notices.mail_ended_jobs": 2.0,
    "enrichment.notices.post_ended_jobs": 2.0,
    "mangaassist.api.idempotency.forget": 600.0,
    "mangaassist.letters.carry_out": 2.0,
    "mangaassist.audit.forget": 3_600.0,
    "mangaassist.gauges.sample_queues": 10.0,
    "mangaassist.gauges.sample_pools": 10.0,
    "enrichment.gauges.sample_items": 5.0,
    "mangaassist.metrics.samples.forget": 600.0,
    "mangaassist.metrics.history.keep": 20.0,
    "mangaassist.metrics.history.forget": 3_600.0,
    **ALARM_DUTIES,
    "mangaassist.alarms.history.forget_alarms": 3_600.0,
}

AUDIT_DAYS = env_int("AUDIT_DAYS", 1_095)  # for which who changed what is kept; 0: for ever

# Metrics
GAUGES = ["mangaassist.gauges.queues", "mangaassist.gauges.pools", "enrichment.gauges.items"]
METRICS_TOKEN = env_secret("METRICS_TOKEN", "")  # for /metrics; without it, this machine alone

# Notifications
EMAIL_BACKEND = env_str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", 25)
EMAIL_TIMEOUT = env_int("EMAIL_TIMEOUT", 10)
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "mangaassist@localhost")
NOTIFY_EMAILS = env_list("NOTIFY_EMAILS", [])
NOTIFY_WEBHOOK_URL = env_str("NOTIFY_WEBHOOK_URL", "")
NOTIFY_TIMEOUT = env_float("NOTIFY_TIMEOUT", 5.0)
NOTIFY_WEBHOOK_SECRET = env_secret("NOTIFY_WEBHOOK_SECRET", "")  # signs what is posted

# Alarms
ALARM_NOTICE_EVERY = env_float("ALARM_NOTICE_EVERY", 300.0)  # seconds between notices of one alarm
ALARM_REPEAT_EVERY = env_float("ALARM_REPEAT_EVERY", 3_600.0)  # of one that rings and is critical
RUNBOOK_URL = env_str("RUNBOOK_URL", "docs/runbook.md")
DAILY_BUDGET_USD = env_float("DAILY_BUDGET_USD", 100.0)
