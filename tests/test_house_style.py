"""The rules of the house that no linter knows. CONTRIBUTING.md says why each one is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("accounts", "payments", "giving", "shop", "social", "smoney", "serving")
FOLDERS = (*PRODUCT, "sandbox", "launch", "benchmarks")
CLOCKS = {"payments/live.py", "payments/receiver.py", "accounts/lookups.py"}  # Seconds are not cents.
LINES_PER_FILE = 400
LINES_PER_FUNCTION = 40
DOMAIN = {
    *(
        f"accounts/{noun}.py"
        for noun in ("codes", "identities", "members", "phones", "tiers", "unlocks", "tries", "staff")
    ),
    *(
        f"payments/{noun}.py"
        for noun in (
            "ledger",
            "orders",
            "expiry",
            "life",
            "settlement",
            "claims",
            "fundings",
            "cards",
            "limits",
            "notices",
        )
    ),
    *(f"payments/{noun}.py" for noun in ("payouts", "payout_batches", "bank_accounts", "bank_answers")),
    *(f"payments/{noun}.py" for noun in ("bank", "bank_files", "pain")),
    "payments/own_limits.py",
    *(f"payments/{noun}.py" for noun in ("requests", "request_life", "request_limits", "strangers")),
    *(f"payments/{noun}.py" for noun in ("erasures", "forgetting")),
    *(f"accounts/{noun}.py" for noun in ("leaving", "sealing", "discretion")),
    *(f"payments/{noun}.py" for noun in ("deliveries", "activity", "money", "self_check", "acquirer")),
    *(f"accounts/{noun}.py" for noun in ("audit", "freezes", "dossiers", "devices", "sent_codes")),
    *(f"payments/{noun}.py" for noun in ("proposals", "approvals", "strong", "risk")),
    *(f"payments/{noun}.py" for noun in ("reviews", "cautions", "alarms", "consent")),
    *(f"payments/{noun}.py" for noun in ("debts", "payout_limits", "proofs", "standstill")),
    *(f"payments/{noun}.py" for noun in ("refunds", "returns", "chargebacks", "news", "heard")),
    "accounts/lookups.py",
    *(f"accounts/{noun}.py" for noun in ("organisations", "registers", "seats")),
    *(f"payments/{noun}.py" for noun in ("purposes", "references")),
    *(f"giving/{noun}.py" for noun in ("pots", "pot_closings", "pot_purpose", "pot_forgetting")),
    *(f"giving/{noun}.py" for noun in ("schedules", "loans", "loan_life", "loan_endings", "repayments")),
    *(f"giving/{noun}.py" for noun in ("lendings", "loan_notices", "loan_books", "contracts")),
    *(f"payments/{noun}.py" for noun in ("api_keys", "figures", "takings", "charts", "horizon")),
    *(f"payments/{noun}.py" for noun in ("callbacks", "announcements", "calls", "receiver")),
    *(f"payments/{noun}.py" for noun in ("papers", "seat_notices", "seat_wording")),
    *(
        f"giving/{noun}.py"
        for noun in ("receipts", "receipt_contents", "receipt_papers", "issuers", "givers")
    ),
    "giving/words_of_amounts.py",
    *(f"shop/{noun}.py" for noun in ("addresses", "baskets", "forgetting", "pictures")),
    *(f"shop/{noun}.py" for noun in ("products", "purchases", "stock")),
    *(f"payments/{noun}.py" for noun in ("feed", "looks", "fees", "qr_codes", "payout_plans", "pictures")),
    "social/profiles.py",
    *(
        f"social/{noun}.py"
        for noun in ("inbox", "grammar", "posts", "replies", "credentials", "answers", "x")
    ),
    *(
        f"social/{noun}.py"
        for noun in ("conversations", "commands", "outcomes", "manners", "payees", "tickets")
    ),
    *(f"social/{noun}.py" for noun in ("dispatch", "redaction", "words", "graph")),
    *(f"social/channels/{noun}.py" for noun in ("dm", "messenger", "said", "signature", "sms")),
    *(f"payments/{noun}.py" for noun in ("silences", "placements")),
    "accounts/numbers.py",
    "accounts/slugs.py",
    "giving/set_aside.py",
    *(f"giving/{noun}.py" for noun in ("campaigns", "gifts", "tallies", "endings", "matches")),
    *(f"giving/{noun}.py" for noun in ("monthly_gifts", "pictures", "forgetting")),
    *(f"social/{noun}.py" for noun in ("entities", "lexicon", "amounts", "references", "notes", "lines")),
    *(f"social/{noun}.py" for noun in ("rehearsals", "crowds", "speech", "causes")),
    *(f"social/{noun}.py" for noun in ("alarms", "events", "meter", "streaming", "subscriptions", "ways")),
}
# What silences a linter, and the reason that must stand behind it, not elsewhere.
SILENCED = re.compile(r"#\s*(?:ruff: )?(?:noqa|type: ignore|pragma: no cover)[^#(\n]*")
REASON = re.compile(r"(?:# |\()(?!the same|as above)\w.{3,}")
NO_NOUNS = {"utils", "helpers", "services", "managers", "constants", "misc", "common"}

# Where somebody of staff decides.
DECIDED = {"payments/proposals.py", "accounts/dossiers.py"}
# The modules that may set each attribute of state, each for its own model.
WRITERS = {
    "balance": set(),
    "status": {
        *(f"payments/{noun}.py" for noun in ("life", "fundings", "deliveries", "returns", "chargebacks")),
        "payments/payouts.py",
        "payments/request_life.py",
        "giving/pot_closings.py",
        "giving/loan_life.py",
        "shop/purchases.py",
        "payments/callbacks.py",
        *DECIDED,
    },
    "decided_by": DECIDED,
    "decided_at": DECIDED,
    "purged_at": {"accounts/dossiers.py"},
    "erased_at": {"accounts/leaving.py"},
    "finished_at": {"payments/erasures.py"},
    "traces": {"payments/erasures.py"},
    "ended_at": {
        *("accounts/freezes.py", "payments/silences.py", "payments/payout_plans.py", "social/alarms.py"),
        *("giving/endings.py", "giving/monthly_gifts.py", "giving/pot_closings.py", "giving/issuers.py"),
    },
    "looked_on": {"payments/payout_plans.py"},
    "left_at": {"accounts/seats.py"},
    "ended_by": {"accounts/freezes.py"},
    "handled_at": {"social/inbox.py"},
    "outcome": {"social/inbox.py", "giving/endings.py"},
    "collected": {"giving/endings.py"},
    "tries": {
        *(f"accounts/{noun}.py" for noun in ("codes", "tries", "sent_codes")),
        *(f"payments/{noun}.py" for noun in ("deliveries", "callbacks")),
    },
    "digest": {*(f"accounts/{noun}.py" for noun in ("codes", "tries", "sent_codes", "devices"))},
    "refuses_since": {"accounts/identities.py"},
    "linked_at": {"accounts/identities.py"},
    "unlinked_at": {"accounts/identities.py"},
    "removed_at": {
        "payments/cards.py",
        "payments/bank_accounts.py",
        "accounts/devices.py",
        "payments/feed.py",
        "payments/callbacks.py",
    },
    "since": {"payments/feed.py", "giving/issuers.py"},
    "void_at": {"giving/receipts.py"},
    "paused_at": {"payments/callbacks.py"},
    "fails_since": {"payments/callbacks.py"},
    "announced": {"payments/callbacks.py"},
    "standing": {"accounts/identities.py"},
    "described_at": {"accounts/identities.py"},
    "revoked_at": {"accounts/identities.py", "payments/api_keys.py"},
    "failing_since": {"social/ways.py"},
    "replayed_at": {"social/ways.py"},
    "accepted_at": {"payments/bank_accounts.py"},
    "tier": {"accounts/tiers.py"},
    "cancelled_at": {"payments/own_limits.py"},
    "used_at": {"social/tickets.py"},
    "back": {"payments/debts.py"},
    "reminded_at": {"payments/requests.py"},
    "reminders": {"giving/pot_closings.py"},
    "to_bank": {"giving/pot_closings.py"},
    "is_taken": {"giving/loan_endings.py"},
    "begun_on": {"giving/loan_endings.py"},
    "accepted_by": {"giving/loans.py"},
    "late_at": {"giving/repayments.py"},
    "paid_at": {"giving/repayments.py"},
    "replaced_at": {"giving/repayments.py"},
    "stock": {"shop/stock.py"},
    "stopped_at": {"shop/products.py"},
    "dispatched_at": {"shop/purchases.py"},
    "tracking": {"shop/purchases.py", "shop/addresses.py"},
    "seen_at": {"payments/notices.py", "accounts/identities.py"},
}


def sources(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def assigned(tree: ast.AST) -> Iterator[str]:
    """Yield what the code sets, but for a new object's own: `x.status = …`, `.update(status=…)`."""
    own = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and id(node) not in own:
            yield node.attr
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"update", "update_or_create"}:
            yield from (word.arg for word in node.keywords if word.arg)


@pytest.mark.parametrize("path", list(sources(FOLDERS)), ids=str)
class TestSource:
    def test_fits_its_budget_of_lines(self, path: Path) -> None:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LINES_PER_FILE
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno
                assert node.end_lineno - node.lineno < LINES_PER_FUNCTION, node.name

    def test_is_named_by_a_noun(self, path: Path) -> None:
        assert path.stem not in NO_NOUNS

    def test_says_what_it_is_about(self, path: Path) -> None:
        text = (ROOT / path).read_text(encoding="utf-8")
        exempt = path.name in {"apps.py", "__init__.py"}
        assert exempt or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", list(sources((*FOLDERS, "tests"))), ids=str)
def test_what_silences_a_linter_says_why(path: Path) -> None:
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), start=1):
        for found in SILENCED.finditer(line):
            rest = line[found.end() :]
            assert SILENCED.match(rest) or REASON.match(rest), (
                f"{path}:{number} gives no reason: {line.strip()}"
            )


@pytest.mark.parametrize("path", list(sources(PRODUCT)), ids=str)
class TestProduct:
    def test_leaves_state_to_its_writer(self, path: Path) -> None:
        for name in assigned(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            assert str(path) in WRITERS.get(name, {str(path)}), f"{path} sets {name}"

    def test_repeats_no_group_possessively(self, path: Path) -> None:
        """Python before 3.11.5 matches less than it should: https://github.com/python/cpython/issues/106052."""
        strings = (
            node.value
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        assert not [text for text in strings if re.search(r"\)[?*+]\+|\)\{[0-9,]+\}\+|\(\?>", text)]

    def test_keeps_http_at_the_edges(self, path: Path) -> None:
        """The domain is called by views, tasks and commands, and knows none of them."""
        imported = {
            node.module
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        assert str(path) not in DOMAIN or not imported & {"django.http", "django.shortcuts", "celery"}

    def test_counts_money_in_whole_cents(self, path: Path) -> None:
        """No float, no Decimal; digits are [0-9], since `\\d` reads Arabic ones."""
        text = (ROOT / path).read_text(encoding="utf-8")
        words = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        assert not words & ({"Decimal"} if str(path) in CLOCKS else {"float", "Decimal"})
        assert r"\d" not in text
