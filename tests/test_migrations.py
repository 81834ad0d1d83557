"""Old and new code run side by side during a deploy: no migration takes from the old what it needs.

The database is migrated first, then processes are exchanged one by one; for minutes both write to the same
tables. CONTRIBUTING.md says how such a migration is made: expand, deploy, contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, connections, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils import timezone
from uuid_utils.compat import uuid7

# The newest migration of each app in the newest release: what runs still when the next one is deployed.
# A release moves them on.
RELEASED = {"accounts": "0120_search", "payments": "0111_departures", "social": "0002_names"}

_TAKES_AWAY = (
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RunPython,
)
# In SQL, what could refuse or miss what old code says. A table of the same migration is new to everybody.
_IN_SQL = {
    "drops": re.compile(r"\bDROP\s+(?:TABLE|COLUMN|FUNCTION|VIEW|TYPE)\b[^;]*", re.IGNORECASE),
    "renames": re.compile(r"\bRENAME\b[^;]*", re.IGNORECASE),
    "changes a type": re.compile(
        r"\bALTER\s+(?:COLUMN\s+)?\w+\s+(?:SET\s+DATA\s+)?TYPE\b[^;]*", re.IGNORECASE
    ),
    "forbids nothing there": re.compile(r"\bSET\s+NOT\s+NULL\b", re.IGNORECASE),
    "adds a column without a default": re.compile(
        r"\bADD\s+COLUMN\s+(?![^;,]*\b(?:DEFAULT|GENERATED)\b)[^;,]*\bNOT\s+NULL\b", re.IGNORECASE
    ),
    "adds a rule": re.compile(r"\bADD\s+CONSTRAINT\b[^;]*|\bCREATE\s+UNIQUE\s+INDEX\b[^;]*", re.IGNORECASE),
    "locks while it builds": re.compile(
        r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*", re.IGNORECASE
    ),
    "adds a trigger": re.compile(
        r"\bCREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s+\w+\s[^;]*?\bON\s+(\w+)", re.IGNORECASE
    ),
}


@dataclass(frozen=True)
class Finding:
    """What old code would stumble over: an operation, and why."""

    operation: str
    why: str


def findings(migration: migrations.Migration, before: ProjectState) -> Iterator[Finding]:
    """What in it breaks code that knows the tables as they were before."""
    state, made = before.clone(), set[str]()
    for operation in _flat(migration.operations):
        after = state.clone()
        operation.state_forwards(migration.app_label, after)
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        elif getattr(operation, "model_name_lower", "") not in made:
            for why in _why(operation, migration.app_label, state, after, made):
                kind = f": {why.partition(':')[0]}" if isinstance(operation, migrations.RunSQL) else ""
                yield Finding(_name(operation) + kind, why)
        state = after


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _name(operation: Operation) -> str:
    kind, about = type(operation).__name__, getattr(operation, "model_name", getattr(operation, "name", ""))
    of = getattr(operation, "name", None) or getattr(
        getattr(operation, "constraint", None) or getattr(operation, "index", None), "name", ""
    )
    return " ".join(filter(None, (kind, about, of if of != about else "")))


def _why(
    operation: Operation, app: str, state: ProjectState, after: ProjectState, made: set[str]
) -> Iterator[str]:
    match operation:
        case migrations.AddField():
            field = operation.field
            is_written = isinstance(field, models.ManyToManyField) or field.null or field.has_db_default()
            if not is_written:
                yield "old code does not write it, and the database has no default"
        case migrations.AlterField():
            models_ = (each.apps.get_model(app, operation.model_name) for each in (state, after))
            yield from _altered(*(model._meta.get_field(operation.name) for model in models_))  # noqa: SLF001  # documented
        case migrations.AddConstraint():
            yield "old code may break the rule"
        case migrations.AddIndex() if type(operation) is migrations.AddIndex:
            yield "it locks out whoever writes while it is built: AddIndexConcurrently"
        case migrations.RunSQL():
            tables = {f"{app}_{name}" for name in made}
            yield from (why for sql in _sql(operation) for why in _said(sql, tables))
        case _:
            if isinstance(operation, _TAKES_AWAY):
                yield "old code reads and writes it as it was"


def _altered(old: Any, new: Any) -> Iterator[str]:
    if old.db_type(connection) != new.db_type(connection):
        yield f"{old.db_type(connection)} becomes {new.db_type(connection)}"
    if old.null and not new.null:
        yield "old code may write nothing there"
    if new.unique and not old.unique:
        yield "old code may break the rule"
    if old.has_db_default() and not new.has_db_default() and not new.null:
        yield "old code does not write it"
    if old.db_column != new.db_column:
        yield "the column is renamed"


def _sql(operation: migrations.RunSQL) -> Iterator[str]:
    said = [operation.sql] if isinstance(operation.sql, str) else operation.sql
    for part in said:
        text = part if isinstance(part, str) else part[0]
        yield re.sub(r"--[^\n]*|\$\$.*?\$\$", "", text, flags=re.DOTALL)  # Neither comments nor bodies.


def _said(sql: str, made: set[str]) -> Iterator[str]:
    for why, pattern in _IN_SQL.items():
        for found in pattern.finditer(sql):
            if not (found.groups() and found[1] in made):
                yield f"{why}: {' '.join(found[0].split())[:120]}"


def unreleased() -> list[migrations.Migration]:
    """Those that the next deploy brings, in the order in which they are applied."""
    loader = MigrationLoader(None)
    released = {node for app, name in RELEASED.items() for node in loader.graph.forwards_plan((app, name))}
    plans = (loader.graph.forwards_plan(leaf) for leaf in loader.graph.leaf_nodes() if leaf[0] in RELEASED)
    keys = dict.fromkeys(node for plan in plans for node in plan if node[0] in RELEASED)
    return [loader.graph.nodes[key] for key in keys if key not in released]


def before(migration: migrations.Migration) -> ProjectState:
    """The state that it finds."""
    return MigrationLoader(None).project_state((migration.app_label, migration.name), at_end=False)


def old_state() -> ProjectState:
    """The models as code of the newest release knows them."""
    return MigrationLoader(None).project_state(list(RELEASED.items()))


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("migration", unreleased(), ids=str)
def test_a_migration_leaves_old_code_what_it_needs(migration: migrations.Migration) -> None:
    """Or says why old code does not mind, in `beside_old_code`: the operation, and the reason."""
    reasons: dict[str, str] = getattr(migration, "beside_old_code", {})
    found = list(findings(migration, before(migration)))
    unexplained = [
        f"{one.operation}: {one.why}" for one in found if not reasons.get(one.operation, "").strip()
    ]
    assert not unexplained, "CONTRIBUTING.md, Deploys: expand, deploy, contract"
    assert set(reasons) <= {one.operation for one in found}, "a reason for what is not there"


def _own() -> list[migrations.Migration]:
    apps = {"accounts", "payments", "social", "giving", "shop"}
    return [one for (app, _), one in sorted(MigrationLoader(None).disk_migrations.items()) if app in apps]


@pytest.mark.parametrize("migration", _own(), ids=str)
def test_a_new_table_is_made_with_its_rules_and_indexes(migration: migrations.Migration) -> None:
    """Django draws its models anew at each operation: two hundred more of them took fifteen seconds.

    What names a field that is added later can only follow it.
    """
    whole, apart = set[str](), []
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            whole.add(operation.name_lower)
        elif isinstance(operation, migrations.AddField):
            whole.discard(operation.model_name_lower)
        elif isinstance(operation, migrations.AddConstraint | migrations.AddIndex):
            apart += [operation.describe()] if operation.model_name_lower in whole else []
    assert not apart, "put them into the options of CreateModel"


class TestFindings:
    OPERATIONS: ClassVar[dict[str, Operation]] = {
        "DeleteModel": migrations.DeleteModel("letter"),
        "RenameModel": migrations.RenameModel("letter", "post"),
        "AlterModelTable": migrations.AlterModelTable("letter", "mail"),
        "RemoveField": migrations.RemoveField("letter", "words"),
        "RenameField": migrations.RenameField("letter", "words", "text"),
        "AddField, not null": migrations.AddField("letter", "weight", models.IntegerField(default=1)),
        "AlterField, type": migrations.AlterField("letter", "words", models.BinaryField()),
        "AlterField, shorter": migrations.AlterField("letter", "short", models.CharField(max_length=5)),
        "AlterField, not null": migrations.AlterField("letter", "stamp", models.IntegerField()),
        "AlterField, unique": migrations.AlterField(
            "letter", "short", models.CharField(max_length=9, unique=True)
        ),
        "AlterField, no default": migrations.AlterField("letter", "class_", models.IntegerField()),
        "AddConstraint": migrations.AddConstraint(
            "letter", models.CheckConstraint(condition=models.Q(stamp__gt=0), name="letter_is_paid")
        ),
        "AddIndex": migrations.AddIndex("letter", models.Index(fields=["stamp"], name="letter_stamp")),
        "RunPython": migrations.RunPython(migrations.RunPython.noop),
        "DROP COLUMN": migrations.RunSQL("ALTER TABLE office_letter DROP COLUMN words"),
        "RENAME": migrations.RunSQL("ALTER TABLE office_letter RENAME words TO text"),
        "TYPE": migrations.RunSQL("ALTER TABLE office_letter ALTER words TYPE bytea USING words::bytea"),
        "SET NOT NULL": migrations.RunSQL("ALTER TABLE office_letter ALTER stamp SET NOT NULL"),
        "ADD COLUMN": migrations.RunSQL("ALTER TABLE office_letter ADD COLUMN weight int NOT NULL"),
        "ADD CONSTRAINT": migrations.RunSQL("ALTER TABLE office_letter ADD CONSTRAINT c CHECK (stamp > 0)"),
        "CREATE INDEX": migrations.RunSQL(["CREATE INDEX i ON office_letter (stamp)"]),
        "CREATE TRIGGER": migrations.RunSQL(
            [("CREATE TRIGGER t BEFORE INSERT ON office_letter FOR EACH ROW EXECUTE FUNCTION f()", None)]
        ),
        "inside": migrations.SeparateDatabaseAndState([migrations.RemoveField("letter", "words")]),
    }
    HARMLESS: ClassVar[dict[str, list[Operation]]] = {
        "a table": [migrations.CreateModel("stamp", [("id", models.BigAutoField(primary_key=True))])],
        "a table with its rules": [
            migrations.CreateModel("stamp", [("id", models.BigAutoField(primary_key=True))]),
            migrations.AddConstraint(
                "stamp", models.CheckConstraint(condition=models.Q(id__gt=0), name="stamp_has_a_number")
            ),
            migrations.RunSQL(
                "CREATE TRIGGER t BEFORE INSERT ON office_stamp FOR EACH ROW EXECUTE FUNCTION f()"
            ),
        ],
        "a column that may be empty": [
            migrations.AddField("letter", "weight", models.IntegerField(null=True))
        ],
        "a column with the database's default": [
            migrations.AddField("letter", "weight", models.IntegerField(db_default=1))
        ],
        "other words": [migrations.AlterField("letter", "words", models.TextField("what it says"))],
        "a longer column": [
            migrations.AlterField("letter", "stamp", models.IntegerField(null=True, db_default=1))
        ],
        "state alone": [migrations.SeparateDatabaseAndState([], [migrations.RemoveField("letter", "words")])],
        "a function": [
            migrations.RunSQL(
                "-- DROP TABLE is a comment\nCREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN DROP TABLE x; END $$;"
            )
        ],
        "a default": [
            migrations.RunSQL("ALTER TABLE office_letter ADD COLUMN weight int NOT NULL DEFAULT 1")
        ],
    }

    @staticmethod
    def of(*operations: Operation) -> list[Finding]:
        state = ProjectState()
        made = migrations.CreateModel(
            "letter",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("words", models.TextField()),
                ("short", models.CharField(max_length=9)),
                ("stamp", models.IntegerField(null=True)),
                ("class_", models.IntegerField(db_default=1)),
            ],
        )
        made.state_forwards("office", state)
        given = {"operations": list(operations)}
        migration = type("Migration", (migrations.Migration,), given)("0002_next", "office")
        return list(findings(migration, state))

    @pytest.mark.parametrize("what", OPERATIONS)
    def test_are_of_what_breaks_old_code(self, what: str) -> None:
        assert self.of(self.OPERATIONS[what]), what

    @pytest.mark.parametrize("what", HARMLESS)
    def test_are_not_of_what_only_adds(self, what: str) -> None:
        assert self.of(*self.HARMLESS[what]) == [], what


# --- What is tried --------------------------------------------------------------------------------


def old_models() -> list[type[models.Model]]:
    return [model for model in old_state().apps.get_models() if _about(model).app_label in RELEASED]


def _about(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001  # Django's documented name


def unwritten(model: type[models.Model], *, using: str) -> list[str]:
    """The columns that a row cannot do without, and that old code does not write."""
    about = _about(model)
    written = {field.column for field in about.concrete_fields if not field.has_db_default()}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'NO'"
            " AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'",
            [about.db_table],
        )
        return [column for (column,) in cursor.fetchall() if column not in written]


@pytest.mark.django_db
class TestOldCodeOnNewTables:
    @pytest.mark.parametrize("model", old_models(), ids=lambda model: _about(model).label_lower)
    def test_reads_and_changes_each_table(self, model: type[models.Model]) -> None:
        """As its ORM names the columns, and so its values' types; on rows that are none, past all rights."""
        rows = model._default_manager.all()  # noqa: SLF001  # Django's documented name
        assert isinstance(list(rows[:1]), list)
        with connections["default"].cursor() as cursor:
            for field in _about(model).concrete_fields:
                kind = re.sub(r"^(big)?serial$", r"\1int", str(field.db_type(connection)))
                cursor.execute(
                    "SELECT format_type(a.atttypid, a.atttypmod), %s::regtype = a.atttypid"
                    " FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attname = %s",
                    [re.sub(r"\([0-9]+\)| CHECK.*", "", kind), _about(model).db_table, field.column],
                )
                stored, is_same = cursor.fetchone()
                assert is_same, f"{field}: {kind} is {stored} now"

    @pytest.mark.parametrize("model", old_models(), ids=lambda model: _about(model).label_lower)
    def test_writes_all_that_a_row_needs(self, model: type[models.Model]) -> None:
        assert unwritten(model, using="default") == []

    def test_lives_on(self) -> None:
        """Members, orders, messages and what is told of them, written by the models as they were."""
        old = old_state().apps.get_model
        now = timezone.now()
        payer, payee = (
            old("accounts", "User").objects.create(
                name=name, phone=phone, phone_verified_at=now, password="!"
            )
            for name, phone in (("Old", "+33612349901"), ("Older", "+33612349902"))
        )
        identity = old("accounts", "Identity").objects.create(
            network="x", external_id="990011", handle="older", user=payee, linked_at=now
        )
        old("accounts", "IdentityLink").objects.create(identity=identity, user=payee, linked_at=now)
        device = old("accounts", "Device").objects.create(
            user=payer, name="Phone", digest="d", registered_at=now, last_used_at=now
        )
        old("accounts", "Dossier").objects.create(user=payer)
        old("accounts", "SecretCode").objects.create(user=payer, digest="d", changed_at=now)
        wallets = [
            old("payments", "LedgerAccount").objects.create(kind="WALLET", owner=one)
            for one in (payer, payee)
        ]
        card = old("payments", "Card").objects.create(
            user=payer, customer_id="c", method_id="m", brand="visa", last4="1", country="FR",
            expiry_month=1, expiry_year=40, fingerprint="f",
        )  # fmt: skip
        self._moved(old, card, wallets)
        order = old("payments", "Order").objects.create(
            pk=uuid7(), reference="OLDOLDOL", payer=payer, payee=identity, amount=5_00, channel="x",
            channel_id="990099", expires_at=now + timedelta(days=1),
        )  # fmt: skip
        old("payments", "OrderEvent").objects.create(order=order, status="PENDING")
        old("payments", "BankAccount").objects.create(
            user=payer,
            iban=b"x",
            fingerprint="f",
            country="FR",
            last4="1",
            holder_name="Old",
            outcome="MATCH",
            factor="DEVICE",
            device=device,
        )
        told = old("payments", "Notification").objects.create(user=payer, kind="ORDER_PENDING", order=order)
        old("payments", "Delivery").objects.create(key="old", channel="SMS", notification=told, text="x")
        old("social", "Message").objects.create(
            channel="x", external_id="990099", root_id="990099", author_id="1", payload={}, order=order,
            outcome="ORDER", handled_at=now,
        )  # fmt: skip
        old("payments", "Order").objects.filter(pk=order.pk).update(status="DECLINED")
        old("accounts", "User").objects.filter(pk=payer.pk).update(name="Still old")

    def _moved(self, old: Any, card: Any, wallets: list[Any]) -> None:
        """By the function that old code calls, with the arguments that it gives."""
        clearing, _made = old("payments", "LedgerAccount").objects.get_or_create(
            kind="CARD_CLEARING", owner=None
        )
        key = uuid7()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT post_transfers(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])",
                [[str(key)], [clearing.pk], [wallets[0].pk], [9_00], ["TOP_UP"]],
            )
            assert cursor.fetchone() == (1,)
        old("payments", "Funding").objects.create(
            pk=key, user_id=card.user_id, card=card, amount=9_00, status="SUCCEEDED", transfer_id=key
        )
        assert old("payments", "Balance").objects.get(account=wallets[0]).amount == 9_00

    @pytest.mark.django_db(databases=["default", "owner"])
    @pytest.mark.parametrize("is_optional", [True, False])
    def test_would_miss_a_column_that_it_does_not_write(self, is_optional: bool) -> None:  # parametrized
        rule = "" if is_optional else "NOT NULL"
        model = old_state().apps.get_model("payments", "Card")
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE payments_card ADD COLUMN colour text {rule}")
            assert unwritten(model, using="owner") == ([] if is_optional else ["colour"])
