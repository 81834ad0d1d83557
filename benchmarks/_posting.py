"""The ledger's one function as pgbench calls it: a transfer a call or many, between members or to one."""

from __future__ import annotations

from benchmarks import _pgbench

_PEOPLE = r"""\set source{0} random(:first, :last)
\set target{0} :first + (:source{0} - :first + random(1, :last - :first)) % (:last - :first + 1)
"""
_TO_ONE = "\\set source0 random(:first, :last)\n\\set target0 :payee\n"


def spread(database: str, wallets: tuple[int, int], *, clients: int, seconds: int, batch: int = 1) -> float:
    """Transfers a second between any two of the wallets from the first to the last."""
    text = "".join(_PEOPLE.format(number) for number in range(batch)) + _call(batch)
    facts = {"first": wallets[0], "last": wallets[1]}
    return batch * _pgbench.script(database, text, clients=clients, seconds=seconds, **facts)


def to_one(database: str, wallets: tuple[int, int], *, payee: int, clients: int, seconds: int) -> float:
    """Transfers a second from any of the wallets to one account."""
    facts = {"first": wallets[0], "last": wallets[1], "payee": payee}
    return _pgbench.script(database, _TO_ONE + _call(1), clients=clients, seconds=seconds, **facts)


def _call(batch: int) -> str:
    columns = [
        ["uuidv7()"] * batch,
        [f":source{number}" for number in range(batch)],
        [f":target{number}" for number in range(batch)],
        ["1"] * batch,
        ["'PAYMENT'"] * batch,
    ]
    types = ("uuid", "bigint", "bigint", "bigint", "text")
    arrays = [f"ARRAY[{', '.join(column)}]::{type_}[]" for column, type_ in zip(columns, types, strict=True)]
    return f"SELECT post_transfers({', '.join(arrays)});\n"
