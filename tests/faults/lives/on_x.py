"""What people do on X: post, edit, delete, link their account, say that they want no money."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts import identities
from accounts.models import Identity, User
from payments import claims
from payments.models import Order
from social import inbox, posts
from tests.faults.lives.life import ACCOUNTS, ANY, MEMBERS, Life
from tests.faults.lives.world import ON_X
from tests.social import conftest as x

PAIRS = st.sampled_from([(ON_X[a], ON_X[b]) for a, b in ((0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (1, 3))])
AMOUNTS = st.one_of(
    st.integers(1, 60_00), st.sampled_from([1, 100_00, 100_01, 249_99, 250_00, 250_01, 900_00])
)
OVER = {"over_limit", "over_sum", "payee_is_full"}  # Which one is said has tests of its own.


class OnX(Life):
    @rule(author=ACCOUNTS, account=ACCOUNTS, amount=AMOUNTS)
    def post(self, author: str, account: str, amount: int) -> None:
        row = x.post(author, f"@Smoneyfr #envoyer {amount // 100},{amount % 100:02}€ @{account}")
        expected = self.book.post(author, account, amount)
        hear(row)
        result, problem = x.came_of(row)
        assert ("over_limit" if problem in OVER else problem or result) == expected
        self.seen[expected] += 1
        if expected == "ORDER":
            self.posts.append(row)
            self.orders.append(Order.objects.values_list("pk", flat=True).get(channel_id=row["id"]))

    @rule(pair=PAIRS, amount=st.integers(1, 60_00))
    def post_as_most_do(self, pair: tuple[str, str], amount: int) -> None:
        self.post(*pair, amount)

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def hear_again(self, which: int) -> None:
        hear(self.posts[which % len(self.posts)])

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY, number=st.integers(2, 5))
    def edit(self, which: int, number: int) -> None:
        order, row = self.pick(which, self.book.orders, self.posts, "PENDING", "FUNDING")
        self.book.unsay(order)
        hear(x.edit(row, f"{row['text']} !", number=number))

    @precondition(lambda self: self.book.orders)
    @rule(which=ANY)
    def delete(self, which: int) -> None:
        order, row = self.pick(which, self.book.orders, self.posts, "PENDING", "FUNDING")
        self.book.unsay(order)
        inbox.record_deletions(
            [posts.Deletion(row["id"], row["author_id"], {"id": row["id"]})], at=timezone.now()
        )
        inbox.handle()

    @rule(member=MEMBERS, account=ACCOUNTS, is_link=st.booleans())
    def change_hands(self, member: str, account: str, is_link: bool) -> None:
        """Somebody links an account on X, or unlinks theirs."""
        user = self.world.users[member]
        if is_link:
            self.agree(self.book.link(member, account), lambda: link(user, account))
            claims.release_due(user)  # As the site does, payments/linking.py.
        else:
            self.agree(self.book.unlink(member), lambda: unlink(user))

    @rule(account=ACCOUNTS, is_glad=st.sampled_from([True, True, False]))
    def want_money(self, account: str, is_glad: bool) -> None:
        """Somebody does not want to be paid, or does again."""
        identity = Identity.objects.filter(external_id=x.PEOPLE[account]).first()
        if identity is None:
            return
        if is_glad:
            self.book.refusing.discard(account)
            identities.accept_payments(identity)
        else:
            self.book.refusing.add(account)
            identities.refuse_payments(identity, at=timezone.now())


def hear(row: Any) -> None:
    inbox.record(x.page(row), at=timezone.now())
    inbox.handle()


def link(user: User, account: str) -> str:
    terms: dict[str, Any] = {"handle": account, "name": account, "picture_url": "", "joined_network_at": None}
    network, id = Identity.Network.X, x.PEOPLE[account]
    identities.link(user, network=network, external_id=id, at=timezone.now(), **terms)
    return "linked"


def unlink(user: User) -> str:
    identities.unlink(user, network=Identity.Network.X, at=timezone.now())
    return "unlinked"
