"""Entries of the ledger by county (凭证的数据范围): an entry names its county itself; blank is the whole city.

What was posted before named only its claim: the claim's county and the year it was decided under are written
into those entries once, by their owner, before anything has sealed them.
"""

from django.db import migrations

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
WHOLE_CITY = f"{SETTING} = '*'"
OWN_COUNTY = f"{WHOLE_CITY} OR county_code = ANY (string_to_array({SETTING}, ','))"
WITH_ITS_CLAIM = f"{WHOLE_CITY} OR EXISTS (SELECT FROM claims_claim parent WHERE parent.number = subject)"
APPEND_ONLY = "pgtrigger_entry_append_only_cb569"
FILL = f"""
SET LOCAL yiyuan.counties = '*';
ALTER TABLE ledger_entry DISABLE TRIGGER {APPEND_ONLY};
UPDATE ledger_entry e SET county_code = c.county_code, programme_from = d.scheme_valid_from
FROM claims_claim c LEFT JOIN adjudication_decision d ON d.id = c.decision_id WHERE c.number = e.subject;
ALTER TABLE ledger_entry ENABLE TRIGGER {APPEND_ONLY};
"""


def policy(condition):
    return f"DROP POLICY own_counties ON ledger_entry; CREATE POLICY own_counties ON ledger_entry USING ({condition});"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_code_change"),
        ("adjudication", "0001_initial"),
        ("claims", "0009_ended_and_claimed_again"),
        ("ledger", "0004_dimensions"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(policy(OWN_COUNTY), policy(WITH_ITS_CLAIM)),
    ]
