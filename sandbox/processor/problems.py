"""What the processor refuses, as Stripe says it: a type, a code, words, the parameter at fault."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that has no effect; answered with Stripe's error envelope."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        named = {"code": code, "param": param, "type": type, "message": message}
        self.error = {key: value for key, value in named.items() if value} | more

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def missing(param: str) -> Refused:
    return Refused(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> Refused:
    return Refused(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def no_such(kind: str, id: str, *, param: str = "id", status: int = 400) -> Refused:
    return Refused(f"No such {kind}: '{id}'", code="resource_missing", param=param, status=status)


def not_one_of(param: str, value: str, known: list[str]) -> Refused:
    return Refused(f"Invalid {param}: must be one of {', '.join(known)}, not '{value}'", param=param)


def no_key(key: str) -> Refused:
    if not key:
        return Refused(
            "You did not provide an API key. Set it in the Authorization header, as Bearer or as the user of"
            " Basic.",
            status=401,
        )
    return Refused(f"Invalid API Key provided: {key[:7]}{'*' * 8}{key[-4:]}", status=401)


def busy_key(key: str) -> Refused:
    return Refused(
        f"There is currently another in-progress request using this Idempotent Key: {key}. Try again later.",
        status=409,
        type="idempotency_error",
        code="idempotency_key_in_use",
    )


def other_request(key: str) -> Refused:
    return Refused(
        "Keys for idempotent requests can only be used with the same parameters they were first used with."
        f" Try using a key other than '{key}' if you meant to execute a different request.",
        type="idempotency_error",
    )


def decline(code: str, message: str, *, decline_code: str = "", **more: Any) -> dict[str, Any]:
    """Build the card's error of a payment or a setup: what `last_payment_error` holds."""
    error: dict[str, Any] = {"type": "card_error", "code": code, "message": message}
    if decline_code:
        error["decline_code"] = decline_code
    return error | {"doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"} | more
