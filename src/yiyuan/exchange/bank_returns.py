"""The bank's answers (银行回单): for each order whether it was paid, on which day, how much, and why not.

In: the raw cells, canonical or as a bank names them, amounts in fen or in yuan. Out: `order_no`, `result`
(`paid`, `failed`), `on`, `amount_fen`, `reason_code`, `reason`; each order once a file.
"""

from yiyuan.exchange.cleaning import AMOUNT_FEN_MAX, day, fen, squeeze, trim
from yiyuan.exchange.kinds import Check, Kind, Rules, SheetFacts, is_filled

_PAID, _FAILED = "^(paid|success|成功|已到账|到账|已付|已支付)", "^(failed|fail|失败|已退回|退回|退票|未付)"


def rules(facts: SheetFacts) -> Rules:
    """Return how the rows of this answer are cleaned and refused."""
    said = f"lower({squeeze('r_bank_result')})"
    # A cast alone would round 1.5 fen up to 2.
    digits = squeeze("r_amount_fen")
    whole = f"CASE WHEN regexp_full_match({digits}, '[0-9]{{1,15}}') THEN CAST({digits} AS BIGINT) END"
    bounded = f"CASE WHEN {whole} <= {AMOUNT_FEN_MAX} THEN {whole} END"
    yuan = fen("r_amount_yuan")
    values = {
        "order_no": f"ltrim({squeeze('r_order_no')}, '''’‘`')",
        "result": f"list_transform([{said}], lambda t: CASE WHEN regexp_matches(t, '{_PAID}') THEN 'paid' "
        f"WHEN regexp_matches(t, '{_FAILED}') THEN 'failed' END)[1]",
        "on": day("r_answered_on", order=facts.date_order),
        "amount_fen": f"CASE WHEN {is_filled('r_amount_fen')} THEN {bounded} ELSE {yuan} END",
        "reason_code": f"coalesce({squeeze('r_reason_code')}, '')",
        "reason": f"coalesce({trim('r_bank_reason')}, '')",
    }
    amount_cell = "amount_fen" if "amount_fen" in facts.found else "amount_yuan"
    checks = (
        Check("missing", "order_no", "order_no IS NULL"),
        Check("result", "bank_result", "result IS NULL"),
        Check("date", "answered_on", '"on" IS NULL'),
        Check("amount", amount_cell, "amount_fen IS NULL"),
    )
    return Rules(stages=(values,), checks=checks)


KIND = Kind(
    name="bank-returns",
    label="银行回单",
    needs=(("order_no",), ("bank_result",), ("answered_on",), ("amount_fen", "amount_yuan")),
    keys=("order_no",),
    canonical=("order_no", "result", "on", "amount_fen", "reason_code", "reason"),
    columns={
        "order_no": "VARCHAR",
        "result": "VARCHAR",
        "on": "DATE",
        "amount_fen": "BIGINT",
        "reason_code": "VARCHAR",
        "reason": "VARCHAR",
    },
    unique=("order_no",),
    rules=rules,
    not_also=("settlements",),
)
