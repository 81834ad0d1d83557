"""Settings of the sandbox: a Django project of its own, with its own SQLite file, on loopback.

It plays the outside world (X, the card processor, the bank, SMS, e-mail). The product never imports it.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SANDBOX_DATA", ROOT.parent / ".data" / "sandbox"))

SECRET_KEY = "demo-sandbox-key-not-for-production"
DEBUG = os.environ.get("SANDBOX_DEBUG", "0") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "sandbox.urls"
PORT = int(os.environ.get("SANDBOX_PORT", "8001"))
PUBLIC_URL = os.environ.get("SANDBOX_URL", f"http://localhost:{PORT}").rstrip("/")
PRODUCT_URL = os.environ.get("SITE_URL", "http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "sandbox.x",
    "sandbox.processor",
    "sandbox.phone",
    "sandbox.messenger",
    "sandbox.bank",
    "sandbox.program",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "sandbox.parts.navigation"],
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "sandbox.sqlite",
        "NAME": DATA / "sandbox.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "Europe/Paris"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = True

# What the product is told by its operator, said here once for both sides of the demo.
X_CLIENT_ID = os.environ.get("X_CLIENT_ID", "demo-x-client")
X_CLIENT_SECRET = os.environ.get("X_CLIENT_SECRET", "demo-x-client-secret")
X_CONSUMER_SECRET = os.environ.get("X_CONSUMER_SECRET", "demo-x-consumer-secret")
X_BEARER_TOKEN = os.environ.get("X_BEARER_TOKEN", "demo-x-bearer")
X_REFRESH_TOKEN = os.environ.get("X_REFRESH_TOKEN", "demo-x-refresh")
X_SERVICE_ID = os.environ.get("X_SERVICE_ID", "2014100900")
X_SERVICE_HANDLE = os.environ.get("X_SERVICE_HANDLE", "Smoneyfr")
X_SPELLING = os.environ.get(
    "SANDBOX_X_SPELLING", "tweet"
)  # what a post is called when the client does not say
X_RATE_FACTOR = int(os.environ.get("SANDBOX_RATE_FACTOR", "1"))  # multiplies every rate limit, for load tests
X_KEEPALIVE_SECONDS = float(os.environ.get("SANDBOX_X_KEEPALIVE_SECONDS", "20"))  # of the stream
X_REDIRECT_PREFIXES = os.environ.get("X_REDIRECT_PREFIXES", "http://localhost:,http://127.0.0.1:").split(",")
ACQUIRER_API_KEY = os.environ.get("ACQUIRER_API_KEY", "sk_test_demo")
ACQUIRER_WEBHOOK_SECRET = os.environ.get("ACQUIRER_WEBHOOK_SECRET", "whsec_demo")
ACQUIRER_WEBHOOK_URL = os.environ.get("ACQUIRER_WEBHOOK_URL", "http://localhost:8000/webhooks/acquirer")
BANK_API_KEY = os.environ.get("BANK_API_KEY", "demo-bank-key")
BANK_IBAN = os.environ.get("BANK_IBAN", "FR7630006000011234567890189")
BANK_SECONDS = float(os.environ.get("SANDBOX_BANK_SECONDS", "4"))  # until a payment is made, or sent back
SMS_ACCOUNT_SID = os.environ.get("SMS_ACCOUNT_SID", "AC_demo")
SMS_AUTH_TOKEN = os.environ.get("SMS_AUTH_TOKEN", "demo-sms-token")
SMTP_PORT = int(os.environ.get("SANDBOX_SMTP_PORT", "8025"))
# How long the card whose bank is slow keeps its client waiting, and how late the late card's webhooks are.
PROCESSOR_SLOW_SECONDS = float(os.environ.get("SANDBOX_SLOW_SECONDS", "20"))
PROCESSOR_LATE_SECONDS = float(os.environ.get("SANDBOX_LATE_SECONDS", "30"))
SMS_FROM = os.environ.get("SMS_FROM", "+33600000000")
MESSENGER_PAGE_ID = os.environ.get("MESSENGER_PAGE_ID", "104100900")
MESSENGER_PAGE_TOKEN = os.environ.get("MESSENGER_PAGE_TOKEN", "demo-messenger-token")
MESSENGER_APP_SECRET = os.environ.get("MESSENGER_APP_SECRET", "demo-messenger-secret")
MESSENGER_VERIFY_TOKEN = os.environ.get("MESSENGER_VERIFY_TOKEN", "demo-messenger-verify")
MESSENGER_WEBHOOK_URL = os.environ.get("MESSENGER_WEBHOOK_URL", f"{PRODUCT_URL}/webhooks/messenger")
SMS_WEBHOOK_URL = os.environ.get("SMS_WEBHOOK_URL", f"{PRODUCT_URL}/webhooks/sms")
