"""The facts a decision rests on, as one short key (事实指纹): two keys differ where a fact has changed.

In: settlement numbers in a table. Out: an SQL expression over `s`, a row of `registry_settlement`: everything
the rule asks of the settlement, the groups that hold on the day of admission, a reversal, an earlier payment.
"""

from yiyuan.apps.registry.export import SETTLEMENT_COLUMNS

_COLUMNS = ", ".join(f"s.{name}" for name in SETTLEMENT_COLUMNS if name != "hospital_code")
FACTS_KEY = f"""md5(jsonb_build_array({_COLUMNS},
    EXISTS (SELECT FROM registry_settlement r
        WHERE r.reverses_setl_id = s.setl_id AND r.reverses_setl_id <> ''),
    EXISTS (SELECT FROM registry_claimedsettlement c WHERE c.setl_id = s.setl_id),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(h."group", h.valid_from, h.valid_to)
            ORDER BY h."group", h.valid_from), '[]')
        FROM registry_hardshipstatus h
        WHERE h.person_id = s.person_id AND h.superseded_at IS NULL AND h.valid_from <= s.admitted_on
            AND (h.valid_to IS NULL OR h.valid_to > s.admitted_on)))::text)"""
