"""Sums kept beside the rows (随行合计): each statement on claims, proposals and orders notes what it changed."""

from django.db import migrations, models

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
OWN_COUNTY = f"{SETTING} = '*' OR county_code = ANY (string_to_array({SETTING}, ','))"
SECURITY = f"""CREATE POLICY own_counties ON sums_part USING ({OWN_COUNTY});
ALTER TABLE sums_part ENABLE ROW LEVEL SECURITY; ALTER TABLE sums_part FORCE ROW LEVEL SECURITY"""
# A table's kind, its outcome, group and due day, and its fen; county and state have the same name in all.
COUNTED = {
    "claims_claim": ("claim", "''", "''", "due_on", "benefit_fen"),
    "screening_proposal": ("proposal", "outcome", '"group"', "NULL::date", "benefit_fen"),
    "payments_order": ("order", "''", "''", "NULL::date", "amount_fen"),
}
NOTE = """INSERT INTO sums_part (kind, county_code, state, outcome, "group", due_on, count, fen)
    SELECT '{kind}', county_code, state, outcome, grouped, due, sum(many), sum(fen) FROM ({rows}) changed
    GROUP BY county_code, state, outcome, grouped, due HAVING sum(many) <> 0 OR sum(fen) <> 0"""
ROWS = (
    "SELECT county_code, state, {outcome} AS outcome, {group} AS grouped, {due} AS due, {sign}1 AS many,"
    " {sign}{fen} AS fen FROM {source}"
)
TRIGGER = """CREATE TRIGGER sums_{verb} AFTER {verb} ON {table} REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION note_{table}()"""
TABLES = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}


def rows(table, source, sign=""):
    _, outcome, group, due, fen = COUNTED[table]
    return ROWS.format(outcome=outcome, group=group, due=due, fen=fen, source=source, sign=sign)


def note(table, *parts):
    return NOTE.format(kind=COUNTED[table][0], rows=" UNION ALL ".join(parts))


def keeping(table):
    came, went = rows(table, "new_rows"), rows(table, "old_rows", "-")
    function = f"""CREATE FUNCTION note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {note(table, came)};
    ELSIF TG_OP = 'DELETE' THEN {note(table, went)};
    ELSE {note(table, went, came)};
    END IF;
    RETURN NULL;
END $$"""
    triggers = [TRIGGER.format(verb=verb, table=table, tables=tables) for verb, tables in TABLES.items()]
    # The triggers hold off whoever writes until this transaction ends, so that nothing is missed or counted twice.
    return migrations.RunSQL(
        ";\n".join([function, *triggers, "SET LOCAL yiyuan.counties = '*'", note(table, rows(table, table))]),
        f"DROP FUNCTION note_{table}() CASCADE",
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("claims", "0009_ended_and_claimed_again"),
        ("payments", "0004_figures"),
        ("screening", "0007_run_request_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("county_code", models.CharField(max_length=12, verbose_name="县区")),
                ("state", models.CharField(max_length=20, verbose_name="状态")),
                ("outcome", models.CharField(blank=True, max_length=20, verbose_name="结论")),
                ("group", models.CharField(blank=True, max_length=40, verbose_name="群体")),
                ("due_on", models.DateField(null=True, verbose_name="到期日")),
                ("count", models.BigIntegerField(verbose_name="件数")),
                ("fen", models.BigIntegerField(verbose_name="金额")),
            ],
            options={
                "verbose_name": "合计的组成",
                "indexes": [models.Index(fields=["kind", "state", "county_code"], name="sum_parts")],
            },
        ),
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
        *(keeping(table) for table in COUNTED),
    ]
