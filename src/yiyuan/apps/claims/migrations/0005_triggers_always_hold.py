"""Triggers that no session can switch off (触发器不可绕过).

pgtrigger lets a session name triggers to be ignored. Here they keep evidence, so the question is always answered
no; that also spares each row a subtransaction. A later migration that adds a trigger makes the function anew and
has to repeat this statement; a test holds it.
"""

from django.db import migrations

NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_event_by_claim"),
        ("adjudication", "0001_initial"),
        ("audit", "0001_initial"),
        ("deadlines", "0002_month_on_month"),
        ("ledger", "0002_chart"),
        ("payments", "0002_order_reissue"),
        ("schemes", "0001_initial"),
        ("screening", "0001_initial"),
    ]

    operations = [migrations.RunSQL(NEVER, migrations.RunSQL.noop)]
