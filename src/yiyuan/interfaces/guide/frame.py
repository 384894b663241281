"""The words of the frame (版面用语): what stands around a guide's chapters, in its language.

In: a guide. Out: short texts, shared by the web page and the paper.
"""

from yiyuan.kernel.money import yuan
from yiyuan.rules.guide.model import ASSUMED, OPEN, Guide, Sum
from yiyuan.rules.guide.tongue import Tongue

SHA_SHOWN_CHARACTERS = 12


def words(guide: Guide) -> dict[str, str]:
    """Return the frame's words by name."""
    tongue = Tongue(guide.language)
    return {
        "guide": tongue("理赔指南", "How to claim"),
        "contents": tongue("目录", "Contents"),
        "clauses": tongue("依据的条款（大意）", "The clauses, restated"),
        "sources": tongue("条款的出处", "Where the clauses come from"),
        "case": tongue("情形", "Case"),
        "paid": tongue("赔（元）", "Paid (yuan)"),
        "reading": tongue("这样读：", "Read as: "),
        "assumed_why": tongue("暂定的原因：", "Assumed because: "),
        "legend": tongue(
            "暂定：文件没有说，先按写明的原因这样定。还没定：谁也没有定，问了再办。"
            "方括号里是条款号，条款在最后。所有例子都由理赔系统算出，与赔案用的是同一套规则。",
            "Assumed: no document says it; it holds for the reason given until one does. Undecided: "
            "nobody has decided it. The clauses stand at the end. "
            "The claim system itself worked out every example.",
        ),
        "scan": tongue("用手机扫一扫，看最新的指南", "Scan for the newest guide"),
        "made": tongue(
            f"方案 {guide.scheme}，版本 {guide.version}，校验码 {guide.sha256[:SHA_SHOWN_CHARACTERS]}",
            f"Scheme {guide.scheme}, version {guide.version}, SHA-256 {guide.sha256[:SHA_SHOWN_CHARACTERS]}",
        ),
        ASSUMED: tongue("暂定", "assumed"),
        OPEN: tongue("还没定", "undecided"),
    }


def paid(row: Sum, language: str) -> str:
    """Return what an example pays in yuan, or that it is undecided."""
    return Tongue(language)("还没定", "undecided") if row.paid_fen is None else yuan(row.paid_fen)
