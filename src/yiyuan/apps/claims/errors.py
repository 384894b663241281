"""Refusals of the claims desk (理赔), with stable codes; interfaces put them into words."""

from yiyuan.apps.audit.errors import KeyReused as AskedOtherwise


class ClaimRefusal(Exception):
    """Base of what the desk refuses; `code` is stable."""

    code = "claim_refused"


class IllegalMove(ClaimRefusal):
    """The claim's state does not know this verb."""

    code = "illegal_move"


class RoleMissing(ClaimRefusal):
    """The actor lacks the role of the move."""

    code = "role_missing"


class SameHands(ClaimRefusal):
    """The move asks for a second person (双人复核), and this is the first one."""

    code = "same_hands"


class ReasonMissing(ClaimRefusal):
    """A refusal or a suspension without its reason."""

    code = "reason_missing"


class KeyReused(ClaimRefusal, AskedOtherwise):
    """The request key belongs to another claim, verb or reason, or to somebody else."""

    code = "key_reused"


class ProposalDecided(ClaimRefusal):
    """Another person has decided this proposal already."""

    code = "proposal_decided"


class NotEntitled(ClaimRefusal):
    """What is known now no longer supports the proposal; `reason` says why."""

    code = "not_entitled"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AccountMissing(ClaimRefusal):
    """There is no account the money could go to."""

    code = "account_missing"


class SuspendedOnce(ClaimRefusal):
    """The one gap notice has been given already: what is missing is asked for once (一次性告知)."""

    code = "suspended_once"


class QuestionAnswered(ClaimRefusal):
    """Somebody has answered this question already."""

    code = "question_answered"


class MoneyUnderWay(ClaimRefusal):
    """The claim's money is reserved, sent or paid, so that it can no longer simply be withdrawn."""

    code = "money_under_way"


class NothingPaid(ClaimRefusal):
    """Nothing has been paid on this claim that could be asked back."""

    code = "nothing_paid"


class RecoveryClosed(ClaimRefusal):
    """The recovery has been repaid or waived already."""

    code = "recovery_closed"


class WaiverMissing(ClaimRefusal):
    """A waiver is agreed to by the second person after the first has proposed it."""

    code = "waiver_missing"


class BatchCut(ClaimRefusal):
    """A payment batch holds the claim's money; the batch is taken back first."""

    code = "batch_cut"


class BatchQuestioned(ClaimRefusal):
    """Claims in the batch have an open question; the text names them."""

    code = "batch_questioned"


class AccountOfAnother(ClaimRefusal):
    """The account is in another's name, and nobody has recorded why the money may go there."""

    code = "account_of_another"


class PaperAlive(ClaimRefusal):
    """The claim on the paper bill has not ended, so that the other row of the same stay stays closed."""

    code = "paper_alive"


class TwoContracts(ClaimRefusal):
    """Claims of two years, and so of two contracts, are not put into one batch."""

    code = "two_contracts"


class ChecksMissing(ClaimRefusal):
    """Orders of the batch wait for a note: the name of the account differs, or a call back is due."""

    code = "checks_missing"


class BudgetSpent(ClaimRefusal):
    """A budget has less left than the claim needs; a blank county is the whole city."""

    code = "budget_spent"

    def __init__(self, county_code: str, left_fen: int, asked_fen: int) -> None:
        super().__init__(f"{county_code}: {left_fen} < {asked_fen}")
        self.county_code, self.left_fen, self.asked_fen = county_code, left_fen, asked_fen


class LimitSpent(ClaimRefusal):
    """A limit of the scheme has less left than the claim takes; it names the limit."""

    code = "limit_spent"

    def __init__(self, limit: str, left_fen: int) -> None:
        super().__init__(f"{limit}: {left_fen}")
        self.limit, self.left_fen = limit, left_fen
