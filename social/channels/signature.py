"""X's signature on a webhook: https://docs.x.com/x-api/webhooks/quickstart"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings


def of(body: bytes) -> str:
    digest = hmac.new(settings.X_CONSUMER_SECRET.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def is_signed(body: bytes, signature: str) -> bool:
    return hmac.compare_digest(signature.encode(), of(body).encode())
