"""Bugs that were thought of: what a hand may do to the code on a bad day, and the test that must see it.

Each is an exact piece of today's code and what is put in its place. `test_seeded` looks after that the piece
is still there, once; `./run faults seeded` puts each bug into a copy of the tree and runs its test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Seed:
    bug: str
    path: str
    old: str
    new: str
    test: str  # as pytest names it


LEDGER = "payments/migrations/sql/0060_numbered_transfers.sql"
RACES = "tests/faults/test_races.py"
POINTS = "tests/faults/test_points.py::test_comes_to_the_same_end_from_every_point"
MODEL = "tests/faults/test_model.py::test_agrees_with_a_plain_model"
HOUSE = "tests/test_house_style.py::TestProduct::test_counts_money_in_whole_cents"
INBOX = "tests/social/test_inbox.py"

SEEDS = (
    Seed(
        "no lock on an order",
        "payments/life.py",
        "WHERE o.id = %(order)s FOR NO KEY UPDATE OF o",
        "WHERE o.id = %(order)s",
        f"{RACES}::TestOrder::test_a_code_and_a_deletion",
    ),
    Seed(
        "no lock on a payer",
        "payments/life.py",
        "SELECT FROM accounts_user WHERE id = %(payer)s FOR NO KEY UPDATE",
        "SELECT FROM accounts_user WHERE id = %(payer)s",
        f"{RACES}::TestPace::test_twenty_orders_where_three_may_wait",
    ),
    Seed(
        "locks in no order",
        LEDGER,
        "ORDER BY b.account_id FOR NO KEY UPDATE;",
        ";",
        f"{RACES}::TestMoney::test_two_opposite_streams",
    ),
    Seed(
        "a wallet may be overdrawn",
        "payments/migrations/0001_initial.py",
        "('amount__gte', 0), ('may_be_negative', True)",
        "('amount__gte', -(10**15)), ('may_be_negative', True)",
        "tests/payments/test_ledger.py::TestPost::test_refuses_to_overdraw_a_wallet",
    ),
    Seed(
        "float",
        "payments/settlement.py",
        "target=target, amount=order.amount, kind=kind",
        "target=target, amount=int(float(order.amount)), kind=kind",
        HOUSE,
    ),
    Seed(
        r"\d in an amount",
        "accounts/codes.py",
        're.compile(r"[0-9]{6}")',
        r're.compile(r"\d{6}")',
        "tests/accounts/test_codes.py::TestChoose::test_refuses_what_others_would_try_first",
    ),
    Seed(
        "handle for id",
        "social/crowds.py",
        "payee=payee.id if isinstance(payee, Mention) else",
        "payee=Identity.objects.filter(handle=payee.username).order_by('-pk')[0].external_id if payee else",
        f"{INBOX}::TestAnOrder::test_goes_to_the_number_that_x_names_whatever_the_handle",
    ),
    Seed(
        "post id for root id",
        "social/inbox.py",
        "root_id=post.root_id,",
        "root_id=post.id,",
        f"{INBOX}::TestAnEdit::test_voids_the_order_and_says_so",
    ),
    Seed(
        "on_commit only",
        "payments/notices.py",
        "    telling.keep(notifications, deliveries, first=first)\n",
        "    if first:\n        prepared.run(*first)\n"
        "    transaction.on_commit(lambda: telling.keep(notifications, deliveries))\n",
        f"{POINTS}[Confirm]",
    ),
    Seed(
        "try counted after hashing",
        "accounts/codes.py",
        "    one = tries.count(SecretCode, user, limit=TRIES, until=until)\n"
        "    if one is None:\n"
        "        raise _why_none(user, until=until)\n"
        "    if not tries.is_right(one, user=user, digits=code):\n",
        "    row = SecretCode.objects.filter(user=user, tries__lt=TRIES).first()\n"
        "    if row is None:\n"
        "        raise CodeLocked\n"
        "    one = tries.Try(row.tries + 1, row.digest)\n"
        "    if not tries.is_right(one, user=user, digits=code):\n"
        "        tries.count(SecretCode, user, limit=TRIES)\n",
        f"{RACES}::TestCode::test_sixty_guesses",
    ),
    Seed(
        "event id before credit",
        "payments/fundings.py",
        "    with transaction.atomic():\n"
        "        if heard.is_new(event):\n            _settle(funding, charge)",
        "    if heard.is_new(event):\n        _settle(funding, charge)",
        f"{POINTS}[Webhook]",
    ),
    Seed(
        "missing scope",
        "payments/views/orders.py",
        "mine = Q(payer=user) | Q(payee_user=user, status=Order.Status.PAID)",
        "mine = Q()",
        "tests/smoney/test_edges.py::TestEveryAddress::test_of_somebody_elses_is_not_there",
    ),
    Seed(
        "synchronous_commit off",
        "launch/postgres.py",
        '"fsync=on", "synchronous_commit=on"',
        '"fsync=on", "synchronous_commit=off", "wal_writer_delay=10s"',
        "tests/faults/test_bank.py::test_money_is_neither_made_nor_lost",
    ),
    Seed(
        "no UNIQUE on a message's order",
        "payments/migrations/0001_initial.py",
        "fields=('channel', 'channel_id'), name='message_makes_one_order'",
        "fields=('channel', 'channel_id', 'id'), name='message_makes_one_order'",
        "tests/payments/test_orders.py::TestPlace::test_makes_one_order_of_one_message",
    ),
    Seed(
        "a credit has an id of its own",
        "payments/fundings.py",
        "            id=funding.pk,\n            source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),",
        "            id=uuid4(),\n            source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),",
        "tests/payments/test_fundings.py::TestLoad",
    ),
    Seed(
        "a settled top-up is credited again",
        "payments/fundings.py",
        "    if funding.status == Status.SUCCEEDED:\n        return funding\n    is_awaited",
        "    is_awaited",
        "tests/payments/test_fundings.py::TestTakeEvent",
    ),
    Seed(
        "a webhook is believed",
        "payments/fundings.py",
        'charge = outside.acquirer().look_up(str(event.object["id"]))',
        'charge = Charge(id=str(event.object["id"]), state=State.SUCCEEDED, amount=funding.amount,'
        ' currency="eur", funding_id=str(funding.pk), action_url="", problem="")',
        "tests/payments/test_fundings.py::TestTakeEvent::test_believes_the_api_and_not_the_webhook",
    ),
    Seed(
        "a webhook of any age",
        "payments/acquirer.py",
        "tolerance=WEBHOOK_TOLERANCE_SECONDS",
        "tolerance=None",
        "tests/payments/test_fundings.py::TestWebhook::test_refuses_an_old_one",
    ),
    Seed(
        "whoever holds the payee's account is paid",
        "payments/settlement.py",
        "    if order.payee_user_id not in {None, payee.user_id}:\n        raise PayeeChanged\n",
        "",
        MODEL,
    ),
    Seed(
        "the cap is not looked at again",
        "payments/orders.py",
        "    limits.check_order_seen(order, seen.limits)\n",
        "",
        MODEL,
    ),
    Seed(
        "a frozen member's payout leaves",
        "payments/payouts.py",
        "    waiting = waiting.exclude(user__in=frozen).exclude(agreed_by__in=frozen)\n",
        "",
        MODEL,
    ),
    Seed(
        "more goes back than was paid",
        "payments/migrations/sql/0040_refunds.sql",
        "CREATE TRIGGER refunds_never_exceed_the_payment BEFORE INSERT ON payments_refund\n"
        "  FOR EACH ROW EXECUTE FUNCTION check_refund();\n",
        "",
        "tests/payments/test_refunds.py::TestDatabase",
    ),
    Seed(
        "a try is counted at an expired order",
        "payments/orders.py",
        "code=code, until=order.expires_at)",
        "code=code, until=order.expires_at + LIFETIME)",
        "tests/payments/test_orders.py::TestConfirm::test_counts_no_try_at_what_has_expired",
    ),
    Seed(
        "a delivery has no lease",
        "payments/deliveries.py",
        "            due_at=Now() + LEASE, tries=",
        "            tries=",
        "tests/payments/test_deliveries.py::TestClaim::test_gives_a_row_to_one_of_many",
    ),
    Seed(
        "the application may change the books",
        "payments/privileges.py",
        '("INSERT, UPDATE, DELETE, TRUNCATE", (*BOOKS',
        '("TRUNCATE", (*BOOKS',
        "tests/payments/test_privileges.py::TestRole::test_has_no_way_round_the_books",
    ),
    Seed(
        "an address with its query in the logs",
        "smoney/logs.py",
        "{request.path}",
        "{request.get_full_path()}",
        "tests/smoney/test_logs.py::test_leave_the_query_of_an_address_out",
    ),
)
