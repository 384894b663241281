"""Budgets (预算): what is promised and paid is moved with the postings, under the lock of the budget's row."""

import django.db.models.expressions
from django.db import migrations, models

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
WHOLE_CITY = f"{SETTING} = '*'"
# What is the city's is read by everybody; only the city changes anything.
SEEN = f"{WHOLE_CITY} OR county_code = '' OR county_code = ANY (string_to_array({SETTING}, ','))"
POLICIES = "".join(
    f"CREATE POLICY own_counties ON {table} USING ({SEEN}) WITH CHECK ({WHOLE_CITY});"
    f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    for table in ("ledger_budget", "ledger_budgetchange")
)
# One row lock a budget, in one order. Whoever makes a budget holds the lock of the periods alone, and counts what
# was posted before; what is posted later finds the row. Giving money back always passes. Where a county's
# officer posts, the city's row moves too.
MOVE = """CREATE FUNCTION ledger_move_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE due record; held ledger_budget; scope text := coalesce(current_setting('yiyuan.counties', true), '');
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1499023922);
    IF NOT EXISTS (SELECT FROM ledger_budget) THEN RETURN NULL; END IF;
    PERFORM set_config('yiyuan.counties', '*', true);
    FOR due IN
        SELECT b.id, b.county_code, sum(m.reserved) AS reserved, sum(m.paid) AS paid
        FROM (
            SELECT e.programme_from, e.county_code,
                sum(CASE WHEN i.account_id IN ('payable', 'in_flight', 'returned')
                    THEN i.amount_fen ELSE 0 END)::bigint AS reserved,
                sum(CASE WHEN i.account_id IN ('paid', 'receivable')
                    THEN i.amount_fen ELSE 0 END)::bigint AS paid
            FROM inserted i JOIN ledger_entry e ON e.id = i.entry_id
            WHERE i.account_id IN ('payable', 'in_flight', 'returned', 'paid', 'receivable')
            GROUP BY e.programme_from, e.county_code
        ) m
        JOIN ledger_budget b ON b.programme_from = m.programme_from AND b.county_code IN ('', m.county_code)
        GROUP BY b.id, b.county_code, b.programme_from HAVING sum(m.reserved) <> 0 OR sum(m.paid) <> 0
        ORDER BY b.programme_from, b.county_code
    LOOP
        UPDATE ledger_budget b SET reserved_fen = b.reserved_fen + due.reserved, paid_fen = b.paid_fen + due.paid
        WHERE b.id = due.id AND (due.reserved + due.paid <= 0
            OR b.reserved_fen + b.paid_fen + due.reserved + due.paid <= b.given_fen + b.extra_fen);
        IF NOT FOUND THEN
            SELECT * INTO held FROM ledger_budget b WHERE b.id = due.id;
            RAISE EXCEPTION 'the budget of ''%'' has % fen left, % are asked for', due.county_code,
                held.given_fen + held.extra_fen - held.reserved_fen - held.paid_fen, due.reserved + due.paid
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    PERFORM set_config('yiyuan.counties', scope, true);
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_moved AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS inserted
FOR EACH STATEMENT EXECUTE FUNCTION ledger_move_budgets();
"""
# What is taken follows from the postings and from nothing else; what was decided stays as it was decided.
GUARD = """CREATE FUNCTION ledger_guard_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (pg_trigger_depth() > 1
        OR (OLD.reserved_fen, OLD.paid_fen) = (NEW.reserved_fen, NEW.paid_fen)) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a budget is moved by the ledger alone' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER budget_guarded BEFORE UPDATE OR DELETE ON ledger_budget
FOR EACH ROW EXECUTE FUNCTION ledger_guard_budgets();
CREATE FUNCTION ledger_guard_budget_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'proposed'
        AND (OLD.programme_from, OLD.county_code, OLD.kind, OLD.amount_fen, OLD.reason, OLD.proposed_by)
        = (NEW.programme_from, NEW.county_code, NEW.kind, NEW.amount_fen, NEW.reason, NEW.proposed_by)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'what was decided about a budget is kept' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER budget_change_guarded BEFORE UPDATE OR DELETE ON ledger_budgetchange
FOR EACH ROW EXECUTE FUNCTION ledger_guard_budget_changes();
"""
GONE = """DROP TRIGGER budgets_moved ON ledger_posting; DROP FUNCTION ledger_move_budgets;
DROP TRIGGER budget_guarded ON ledger_budget; DROP FUNCTION ledger_guard_budgets;
DROP TRIGGER budget_change_guarded ON ledger_budgetchange; DROP FUNCTION ledger_guard_budget_changes"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_chain"),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("programme_from", models.DateField(verbose_name="哪一年度的项目")),
                (
                    "county_code",
                    models.CharField(blank=True, db_default="", max_length=12, verbose_name="县区"),
                ),
                ("given_fen", models.BigIntegerField(default=0, verbose_name="给了")),
                ("extra_fen", models.BigIntegerField(default=0, verbose_name="追加")),
                ("reserved_fen", models.BigIntegerField(default=0, verbose_name="占用")),
                ("paid_fen", models.BigIntegerField(default=0, verbose_name="已付")),
            ],
            options={
                "verbose_name": "预算",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_from", "county_code"), name="ledger_budget_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extra_fen__gte", 0),
                            ("given_fen__gte", 0),
                            ("paid_fen__gte", 0),
                            ("reserved_fen__gte", 0),
                        ),
                        name="ledger_budget_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "given_fen__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("reserved_fen"), "+", models.F("paid_fen")
                                    ),
                                    "-",
                                    models.F("extra_fen"),
                                ),
                            )
                        ),
                        name="ledger_budget_not_overdrawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("programme_from", models.DateField(verbose_name="哪一年度的项目")),
                (
                    "county_code",
                    models.CharField(blank=True, db_default="", max_length=12, verbose_name="县区"),
                ),
                ("kind", models.CharField(max_length=10, verbose_name="哪一种")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                ("reason", models.TextField(verbose_name="依据")),
                ("state", models.CharField(default="proposed", max_length=10, verbose_name="状态")),
                ("proposed_at", models.DateTimeField(verbose_name="提议时间")),
                ("proposed_by", models.CharField(max_length=150, verbose_name="提议人")),
                ("proposed_by_name", models.CharField(max_length=50, verbose_name="提议人姓名")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="决定人")),
                ("decided_by_name", models.CharField(blank=True, max_length=50, verbose_name="决定人姓名")),
                ("request_key", models.CharField(max_length=120, unique=True, verbose_name="请求号")),
            ],
            options={
                "verbose_name": "预算变动",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("amount_fen", 0), _negated=True),
                            models.Q(
                                ("kind", "given"),
                                models.Q(("amount_fen__gt", 0), ("kind", "extra")),
                                _connector="OR",
                            ),
                        ),
                        name="ledger_budget_change_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", ""), ("state", "proposed")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["agreed", "refused"]),
                                models.Q(("decided_by", ""), _negated=True),
                                models.Q(
                                    ("state", "refused"),
                                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="ledger_budget_change_by_two",
                    ),
                ],
            },
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(MOVE + GUARD, GONE),
    ]
