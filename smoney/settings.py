"""All settings, read from top to bottom; every knob comes from the environment, explained in .env.example."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import schedule
from django.utils.translation import gettext_lazy as _

from smoney import env, logs, programs

ROOT = Path(__file__).resolve().parent.parent

# --- Where we are -----------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = env.flag("DEBUG")
SITE_URL = env.address("SITE_URL")
IS_LOCAL = urlsplit(SITE_URL).hostname in {"localhost", "127.0.0.1"}  # A developer's machine, or a demo.
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "smoney.urls"
ASGI_APPLICATION = "smoney.asgi.application"
APPEND_SLASH = True

# --- What it is made of -----------------------------------------------------------------------
INSTALLED_APPS = [
    "social",
    "giving",
    "shop",
    "payments",
    "accounts",
    "accounts.x_account",
    "smoney.apps.SMoneyConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "smoney.apps.StaffAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "heroicons",
    "phonenumber_field",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "smoney.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.ReauthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "smoney.logs.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "payments.context.bell",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------
# The role of DATABASE_URL owns no table and changes no transfer; `migrate --database owner` is the owner's.
DATABASES = {"default": env.database("DATABASE_URL") | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
if env.text("DATABASE_OWNER_URL", ""):
    DATABASES["owner"] = env.database("DATABASE_OWNER_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False  # A wrong code must be counted even when its request fails.

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},  # A page does not hang on it.
    }
}

# --- Jobs: PostgreSQL is the queue of record; Celery wakes workers ------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A hint is gone from the broker when a worker has it. With acknowledgements there, one that comes after its
# connection was lost ends the worker: kombu asks a channel that is closed.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "ack_emulation": False}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 55  # Below every lease, which is 60 s.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# What waits for others has a process of its own: however slow they are, an order is read at once.
CELERY_TASK_ROUTES = {
    f"{app}.{job}": {"queue": "outside"}
    for app, jobs in (
        ("payments", ("deliver", "resolve_fundings", "resolve_refunds", "ask_about_disputes")),
        ("payments", ("export_payouts", "ask_bank", "finish_erasures", "call_back")),
        ("social", ("reply", "answer", "handle_private", "read_direct_messages", "recheck_posts")),
    )
    for job in jobs
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # A number is of one member once it is verified.
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wallet"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY") else 0
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_ADAPTER = "payments.linking.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.signing_in.LoginForm",
    "confirm_login_code": "accounts.signing_in.LoginCodeForm",
    "verify_phone": "accounts.signing_in.VerifyPhoneForm",
    "reset_password": "accounts.signing_in.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_ENABLED = True  # With the secret code, where there is one: accounts/stages.py.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupExtra"
ACCOUNT_SIGNUP_REDIRECT_URL = "onboarding"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "S-Money: "
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# A number gets ten codes a day, each with three tries: thirty guesses at a million.
ACCOUNT_RATE_LIMITS = {
    "text": "1/30s/key,10/d/key,60/h/ip",
    "dossier": "30/d/user",
    "rehearsal": "30/m/ip",
    "sheet": "10/m/user",
    "verify_phone": None,
}
SOCIALACCOUNT_ADAPTER = "payments.linking.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False  # allauth would keep them in clear.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 8
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL
USERSESSIONS_TRACK_ACTIVITY = False  # It would write at each request.
SUPPORT_PHONE = env.text("SUPPORT_PHONE", "")  # For whoever says "this was not me".
OTP_TOTP_ISSUER = "S-Money"
CODE_PEPPER = env.text("CODE_PEPPER")
FIELD_KEYS = env.words("FIELD_KEYS")

# --- Sessions and browsers ----------------------------------------------------------------------
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = env.text("SESSION_COOKIE_NAME", "smoney_session")
CSRF_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_csrf"
DEVICE_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_device"
PRESENCE_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_presence"
LANGUAGE_COOKIE_NAME = f"{SESSION_COOKIE_NAME}_language"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https:")
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_SSL_REDIRECT = SITE_URL.startswith("https:")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SITE_URL.startswith("https:") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_URL.startswith("https:")
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # Who asks for health is inside, and asks without TLS.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
_NOBODY: list[str] = []
# A page asks for a passkey and fills the screen; camera, place, sensors and the like are nobody's.
PERMISSIONS_POLICY = {
    "publickey-credentials-create": "self",
    "publickey-credentials-get": "self",
    "fullscreen": "self",
    "accelerometer": _NOBODY,
    "autoplay": _NOBODY,
    "camera": _NOBODY,
    "display-capture": _NOBODY,
    "encrypted-media": _NOBODY,
    "geolocation": _NOBODY,
    "gyroscope": _NOBODY,
    "hid": _NOBODY,
    "magnetometer": _NOBODY,
    "microphone": _NOBODY,
    "midi": _NOBODY,
    "payment": _NOBODY,
    "screen-wake-lock": _NOBODY,
    "serial": _NOBODY,
    "usb": _NOBODY,
    "xr-spatial-tracking": _NOBODY,
}

# --- Words ------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DB_FORMAT = "E164"

# --- Files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None if IS_LOCAL else ROOT / "staticfiles"  # Filled by `collectstatic`.
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_USE_FINDERS = IS_LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# What is uploaded is read whole and encrypted, never put into a file in clear.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # Bytes: as much as a request's body may be.

# --- E-mail -----------------------------------------------------------------------------------
vars().update(env.email("EMAIL_URL", "smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "S-Money <bonjour@s-money.example>")

# --- X ----------------------------------------------------------------------------------------
X_API_URL = env.address("X_API_URL", "https://api.x.com")
X_AUTHORIZE_URL = env.address("X_AUTHORIZE_URL", "https://x.com/i/oauth2/authorize")
X_CLIENT_ID = env.text("X_CLIENT_ID")
X_CLIENT_SECRET = env.text("X_CLIENT_SECRET")
X_CONSUMER_SECRET = env.text("X_CONSUMER_SECRET")
X_BEARER_TOKEN = env.text("X_BEARER_TOKEN")
X_REFRESH_TOKEN = env.text("X_REFRESH_TOKEN", "")
X_SERVICE_ID = env.text("X_SERVICE_ID")
X_SERVICE_HANDLE = env.text("X_SERVICE_HANDLE", "Smoneyfr")
X_POLL_SECONDS = env.number("X_POLL_SECONDS", 15)
X_STREAM = env.flag("X_STREAM")  # One connection more, for whom the webhook cannot reach.
# What X charges, in thousandths of a US cent (https://docs.x.com/x-api/getting-started/pricing): a mention
# that is read $0.001 to $0.005, a reply to who mentioned us $0.010, one with a link $0.200: ours have none.
X_PRICE_READ = env.number("X_PRICE_READ", 500)
X_PRICE_REPLY = env.number("X_PRICE_REPLY", 1_000)
X_PRICE_LINK = env.number("X_PRICE_LINK", 20_000)
# US cents a day (UTC), after which we stop replying; 0: none.
X_BUDGET_CENTS = env.number("X_BUDGET_CENTS", 10_000)
SOCIALACCOUNT_PROVIDERS = {"x_account": {"APPS": [{"client_id": X_CLIENT_ID, "secret": X_CLIENT_SECRET}]}}

# --- Card processor (Stripe's API) --------------------------------------------------------------
ACQUIRER_API_URL = env.address("ACQUIRER_API_URL", "https://api.stripe.com")
ACQUIRER_API_KEY = env.text("ACQUIRER_API_KEY")
ACQUIRER_WEBHOOK_SECRET = env.text("ACQUIRER_WEBHOOK_SECRET")

# --- Our bank: where the members' money is safeguarded, and payouts leave from ------------------
BANK_API_URL = env.address("BANK_API_URL", "https://bank.example/v1")
BANK_API_KEY = env.text("BANK_API_KEY", "")
BANK_IBAN = env.text("BANK_IBAN", "").replace(" ", "")
BANK_HOLDER = env.text("BANK_HOLDER", "S-Money")
PAYOUT_SECONDS = env.number("PAYOUT_SECONDS", 900)
BANK_POLL_SECONDS = env.number("BANK_POLL_SECONDS", 60)

# --- What is looked after, by the seconds in between; hints mostly come sooner --------------------
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": schedule(timedelta(seconds=seconds))}
    for seconds, tasks in (
        (
            5,
            (
                "social.handle_messages social.handle_private social.reply social.answer payments.deliver "
                "payments.announce payments.call_back"
            ),
        ),
        (
            15,
            (
                "payments.release_claims payments.resolve_fundings payments.resolve_refunds "
                "giving.end_campaigns giving.end_loans"
            ),
        ),
        (30, "payments.roll_up giving.fold_tallies giving.decide_pots"),
        (
            60,
            (
                "payments.expire_orders payments.expire_requests payments.return_claims "
                "payments.collect_debts payments.finish_erasures social.recheck_posts giving.issue_receipts"
            ),
        ),
        (90, "social.read_direct_messages"),  # X takes 15 such calls in 15 minutes.
        (600, "payments.return_reviews payments.self_check giving.look_after_receipts"),
        (
            3600,
            (
                "payments.ask_about_disputes payments.expire_proposals payments.prove_day "
                "payments.charge_fees payments.pay_organisations_out payments.forget_answers "
                "giving.place_monthly giving.take_repayments shop.forget accounts.forget_claims "
                "accounts.purge_sessions accounts.purge_documents accounts.purge_sealed"
            ),
        ),
        (PAYOUT_SECONDS, "payments.export_payouts"),
        (BANK_POLL_SECONDS, "payments.ask_bank"),
    )
    for task in tasks.split()
}

# --- SMS (Twilio's API) -------------------------------------------------------------------------
SMS_API_URL = env.address("SMS_API_URL", "https://api.twilio.com")
SMS_ACCOUNT_SID = env.text("SMS_ACCOUNT_SID")
SMS_AUTH_TOKEN = env.text("SMS_AUTH_TOKEN")
SMS_FROM = env.text("SMS_FROM")

# --- Messenger (Meta's Graph API); without a page there is no such channel -----------------------
MESSENGER_API_URL = env.address("MESSENGER_API_URL", "https://graph.facebook.com/v23.0")
MESSENGER_PAGE_ID = env.text("MESSENGER_PAGE_ID", "")
MESSENGER_PAGE_TOKEN = env.text("MESSENGER_PAGE_TOKEN", "")
MESSENGER_APP_SECRET = env.text("MESSENGER_APP_SECRET", "")
MESSENGER_VERIFY_TOKEN = env.text("MESSENGER_VERIFY_TOKEN", "")
MESSENGER_URL = env.address("MESSENGER_URL", "https://m.me")

# --- What a browser may load: ourselves, and the pictures of people on X ------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *env.words("PICTURE_HOSTS", "https://pbs.twimg.com")],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": [
            "'self'",
            *env.words(
                "REDIRECT_HOSTS", "https://x.com,https://checkout.stripe.com,https://hooks.stripe.com"
            ),
        ],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "upgrade-insecure-requests": SITE_URL.startswith("https:"),
    }
}

# --- What organisations' programs read ----------------------------------------------------------
REST_FRAMEWORK, SPECTACULAR_SETTINGS = programs.REST_FRAMEWORK, programs.document(SITE_URL)

# --- Logs: a constant message and ids, as JSON lines --------------------------------------------
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # One line for each request: its end.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": logs.configure()},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"stripe": {"level": "WARNING"}},  # It tells of each call, with its address.
}
