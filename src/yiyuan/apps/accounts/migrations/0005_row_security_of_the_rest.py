"""Rows by county (数据范围), the rest: what hangs on a claim, a proposal or a list is seen with it, as 0004 has it."""

from django.db import migrations

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
WHOLE_CITY = f"{SETTING} = '*'"
OWN_COUNTY = f"{WHOLE_CITY} OR county_code = ANY (string_to_array({SETTING}, ','))"


def seen_with(parent, link):
    # A parent's rows are themselves under a policy, so that seeing the parent is what counts.
    return f"{WHOLE_CITY} OR EXISTS (SELECT FROM {parent} parent WHERE {link})"


CONDITIONS = {
    "intake_listchange": OWN_COUNTY,
    "screening_runchange": seen_with("screening_proposal", "parent.id = proposal_id"),
    "claims_question": seen_with("claims_claim", "parent.id = claim_id"),
    # A decision is made before its claim is there, and stays the claim's whatever becomes of the stay.
    "adjudication_decision": (
        seen_with("registry_settlement", "parent.setl_id = adjudication_decision.setl_id")
        + " OR EXISTS (SELECT FROM claims_claim c WHERE c.setl_id = adjudication_decision.setl_id)"
    ),
    "deadlines_clock": seen_with("claims_claim", "parent.number = subject"),
    "deadlines_clockchange": seen_with("deadlines_clock", "parent.id = clock_id"),
    "ledger_entry": seen_with("claims_claim", "parent.number = subject"),
    "ledger_posting": seen_with("ledger_entry", "parent.id = entry_id"),
}
# An entry and its postings are one statement, which does not see the entry yet. That it is seen is asked when the
# transaction ends: postings that are hidden from whoever writes them do not sum to zero.
WRITTEN = {"ledger_posting": "WITH CHECK (true)"}


def statements(table, condition):
    return migrations.RunSQL(
        f"CREATE POLICY own_counties ON {table} USING ({condition}) {WRITTEN.get(table, '')};"
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        f"DROP POLICY own_counties ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_row_security"),
        ("adjudication", "0001_initial"),
        ("claims", "0005_triggers_always_hold"),
        ("deadlines", "0002_month_on_month"),
        ("intake", "0002_month_on_month"),
        ("ledger", "0002_chart"),
        ("screening", "0002_month_on_month"),
    ]

    operations = [statements(table, condition) for table, condition in CONDITIONS.items()]
