"""Rows by county (数据范围): whoever connects sees the counties of `yiyuan.counties` and no others.

Unset, nothing is visible; `*` is the whole city. FORCE, because one role may own the tables and use them. Foreign
keys and unique constraints are checked over all rows. A later migration that touches rows of these tables has to
say `SET LOCAL yiyuan.counties = '*'` first.
"""

from django.db import migrations

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
WHOLE_CITY = f"{SETTING} = '*'"
OWN_COUNTY = f"{WHOLE_CITY} OR county_code = ANY (string_to_array({SETTING}, ','))"
# A parent's rows are themselves under a policy, so that seeing the parent is what counts.
CONDITIONS = {
    "registry_settlement": OWN_COUNTY,
    # Registered elsewhere, insured here: who handles the settlement has to see the person.
    "registry_person": f"{OWN_COUNTY} OR EXISTS (SELECT FROM registry_settlement s WHERE s.person_id = registry_person.id)",
    "registry_hardshipstatus": f"{OWN_COUNTY} OR EXISTS (SELECT FROM registry_person p WHERE p.id = person_id)",
    "registry_account": (
        f"{WHOLE_CITY} OR EXISTS (SELECT FROM registry_person p WHERE p.id = person_id)"
        " OR EXISTS (SELECT FROM registry_person p WHERE p.id = guardian_of_id)"
    ),
    "screening_proposal": OWN_COUNTY,
    "claims_claim": OWN_COUNTY,
    "claims_claimevent": f"{WHOLE_CITY} OR EXISTS (SELECT FROM claims_claim c WHERE c.id = claim_id)",
    "payments_order": OWN_COUNTY,
}


def statements(table, condition):
    return migrations.RunSQL(
        f"CREATE POLICY own_counties ON {table} USING ({condition});"
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        f"DROP POLICY own_counties ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_office_name_goes"),
        ("registry", "0001_initial"),
        ("screening", "0001_initial"),
        ("claims", "0001_initial"),
        ("payments", "0001_initial"),
    ]

    operations = [statements(table, condition) for table, condition in CONDITIONS.items()]
