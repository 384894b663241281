"""Limits consumed by claims (限额占用): what decisions reserve and payments consume is moved under the row's lock."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
WHOLE_CITY = f"{SETTING} = '*'"
# A move is seen with its decision; what the city decided about a limit is read by everybody, changed by the city.
POLICIES = f"""CREATE POLICY own_counties ON adjudication_consumption USING ({WHOLE_CITY} OR EXISTS (
    SELECT FROM adjudication_decision parent WHERE parent.id = decision_id)) WITH CHECK (true);
ALTER TABLE adjudication_consumption ENABLE ROW LEVEL SECURITY;
ALTER TABLE adjudication_consumption FORCE ROW LEVEL SECURITY;
CREATE POLICY own_counties ON adjudication_limitchange USING (true) WITH CHECK ({WHOLE_CITY});
ALTER TABLE adjudication_limitchange ENABLE ROW LEVEL SECURITY;
ALTER TABLE adjudication_limitchange FORCE ROW LEVEL SECURITY;
"""
# One row lock a limit, in one order. What gives back, or turns what is reserved into what is paid, always passes.
MOVE = """CREATE FUNCTION adjudication_move_limits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE due record; held adjudication_runningtotal;
BEGIN
    FOR due IN
        SELECT i.total_id, max(i.limit_fen) AS limit_fen,
            sum(CASE WHEN i.kind IN ('reserve', 'come_back') THEN i.amount_fen
                WHEN i.kind IN ('release', 'pay') THEN -i.amount_fen ELSE 0 END)::bigint AS reserved,
            sum(CASE WHEN i.kind = 'pay' THEN i.amount_fen
                WHEN i.kind IN ('come_back', 'repay') THEN -i.amount_fen ELSE 0 END)::bigint AS used
        FROM inserted i GROUP BY i.total_id ORDER BY i.total_id
    LOOP
        UPDATE adjudication_runningtotal t SET reserved_fen = t.reserved_fen + due.reserved,
            used_fen = t.used_fen + due.used, limit_fen = due.limit_fen
        WHERE t.id = due.total_id AND (due.reserved + due.used <= 0
            OR t.reserved_fen + t.used_fen + due.reserved + due.used <= due.limit_fen + t.extra_fen);
        IF NOT FOUND THEN
            SELECT * INTO held FROM adjudication_runningtotal t WHERE t.id = due.total_id;
            RAISE EXCEPTION 'the limit ''%'' has % fen left, % are asked for', held."limit",
                due.limit_fen + held.extra_fen - held.reserved_fen - held.used_fen, due.reserved + due.used
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER limits_moved AFTER INSERT ON adjudication_consumption REFERENCING NEW TABLE AS inserted
FOR EACH STATEMENT EXECUTE FUNCTION adjudication_move_limits();
"""
# What is taken follows from the moves and from nothing else; what was decided stays as it was decided.
GUARD = """CREATE FUNCTION adjudication_guard_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() > 1
        OR (OLD.limit_fen, OLD.reserved_fen, OLD.used_fen) = (NEW.limit_fen, NEW.reserved_fen, NEW.used_fen)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a limit is consumed by decisions alone' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER total_guarded BEFORE UPDATE ON adjudication_runningtotal
FOR EACH ROW EXECUTE FUNCTION adjudication_guard_totals();
CREATE FUNCTION adjudication_guard_limit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'proposed'
        AND (OLD.total_id, OLD.amount_fen, OLD.reason, OLD.proposed_by)
        = (NEW.total_id, NEW.amount_fen, NEW.reason, NEW.proposed_by)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'what was decided about a limit is kept' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER limit_change_guarded BEFORE UPDATE OR DELETE ON adjudication_limitchange
FOR EACH ROW EXECUTE FUNCTION adjudication_guard_limit_changes();
"""
GONE = """DROP TRIGGER limits_moved ON adjudication_consumption; DROP FUNCTION adjudication_move_limits;
DROP TRIGGER total_guarded ON adjudication_runningtotal; DROP FUNCTION adjudication_guard_totals;
DROP TRIGGER limit_change_guarded ON adjudication_limitchange; DROP FUNCTION adjudication_guard_limit_changes"""
# Evidence: no session may switch its triggers off; see claims/0005_triggers_always_hold.
NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""


class Migration(migrations.Migration):
    dependencies = [
        ("adjudication", "0002_running_totals"),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                "verbose_name": "超限额追加",
            },
        ),
        migrations.RemoveConstraint(
            model_name="runningtotal",
            name="running_total_not_negative",
        ),
        # Nothing has ever been consumed: no claim called for it.
        migrations.DeleteModel(name="Consumption"),
        migrations.CreateModel(
            name="Consumption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10, verbose_name="怎么动")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                ("limit_fen", models.BigIntegerField(verbose_name="最高")),
                ("occurred_at", models.DateTimeField(verbose_name="发生时间")),
                ("recorded_by", models.CharField(max_length=150, verbose_name="经办人")),
                ("request_key", models.CharField(max_length=120, verbose_name="请求号")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consumptions",
                        to="adjudication.decision",
                    ),
                ),
                (
                    "total",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consumptions",
                        to="adjudication.runningtotal",
                    ),
                ),
            ],
            options={"verbose_name": "限额占用"},
        ),
        migrations.AddConstraint(
            model_name="consumption",
            constraint=models.UniqueConstraint(fields=("request_key", "total"), name="consumption_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consumption",
            trigger=pgtrigger.compiler.Trigger(
                name="consumption_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c956e470f1700020055ac41855213547a23e95f4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_consumption_append_only_2bce2",
                    table="adjudication_consumption",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="runningtotal",
            name="extra_fen",
            field=models.BigIntegerField(default=0, verbose_name="追加"),
        ),
        migrations.AddField(
            model_name="runningtotal",
            name="limit_fen",
            field=models.BigIntegerField(default=0, verbose_name="最高"),
        ),
        migrations.AddField(
            model_name="runningtotal",
            name="reserved_fen",
            field=models.BigIntegerField(default=0, verbose_name="占用"),
        ),
        migrations.AlterField(
            model_name="runningtotal",
            name="used_fen",
            field=models.BigIntegerField(default=0, verbose_name="已付"),
        ),
        migrations.AddIndex(
            model_name="runningtotal",
            index=models.Index(
                django.db.models.expressions.CombinedExpression(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
                            models.F("limit_fen"), "+", models.F("extra_fen")
                        ),
                        "-",
                        models.F("reserved_fen"),
                    ),
                    "-",
                    models.F("used_fen"),
                ),
                name="running_total_left",
            ),
        ),
        migrations.AddConstraint(
            model_name="consumption",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen__gt", 0)), name="consumption_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="runningtotal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("extra_fen__gte", 0),
                    ("limit_fen__gte", 0),
                    ("reserved_fen__gte", 0),
                    ("used_fen__gte", 0),
                ),
                name="running_total_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="limitchange",
            name="total",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="adjudication.runningtotal",
            ),
        ),
        migrations.AddConstraint(
            model_name="limitchange",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), ("amount_fen__gt", 0)),
                name="limit_change_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="limitchange",
            constraint=models.CheckConstraint(
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
                name="limit_change_by_two",
            ),
        ),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(MOVE + GUARD, GONE),
        migrations.RunSQL(NEVER, migrations.RunSQL.noop),
    ]
