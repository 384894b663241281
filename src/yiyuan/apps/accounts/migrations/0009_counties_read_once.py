"""Row-level security takes the counties of a person apart once a query, not once a row.

Whose rows are seen stays as it was. A county's pages sum some ten thousand rows, and spent most of their time
on cutting the same setting to pieces again.
"""

from django.db import migrations

CUT_FOR_EACH_ROW = (
    "ANY (string_to_array(( SELECT current_setting('yiyuan.counties'::text, true) AS current_setting),"
    " ','::text))"
)
CUT_ONCE = "ANY ((SELECT string_to_array(current_setting('yiyuan.counties', true), ','))::text[])"
CHANGE = f"""DO $change$
DECLARE one record;
BEGIN
    FOR one IN SELECT schemaname, tablename, policyname, qual FROM pg_policies
        WHERE strpos(qual, $cut${CUT_FOR_EACH_ROW}$cut$) > 0
    LOOP
        EXECUTE format('ALTER POLICY %I ON %I.%I USING (%s)', one.policyname, one.schemaname, one.tablename,
            replace(one.qual, $cut${CUT_FOR_EACH_ROW}$cut$, $cut${CUT_ONCE}$cut$));
    END LOOP;
END $change$"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_ledger_by_county"),
        ("adjudication", "0003_limits_consumed"),
        ("claims", "0014_returned_payments"),
        ("intake", "0003_import_as_a_place"),
        ("ledger", "0006_budgets"),
        ("payments", "0005_bank_files_and_suspense"),
        ("registry", "0007_no_index_of_reversing"),
        ("reporting", "0002_statements"),
        ("screening", "0008_draft_replay"),
        ("sums", "0001_initial"),
        ("underwriting", "0004_file_papers"),
    ]

    operations = [
        # Back again there is nothing to do: the policies before it show the same rows.
        migrations.RunSQL(CHANGE, migrations.RunSQL.noop),
    ]
