"""Refusals of underwriting (承保), with stable codes; interfaces put them into words.

The text of a refusal names the figure, the clause or the paper it is about.
"""


class UnderwritingRefusal(Exception):
    """Base of what underwriting refuses; `code` is stable."""

    code = "underwriting_refused"


class RoleMissing(UnderwritingRefusal):
    """The actor does not hold the role, or works for another county."""

    code = "role_missing"


class SameHands(UnderwritingRefusal):
    """The second person must be another one."""

    code = "same_hands"


class OutOfScope(UnderwritingRefusal):
    """This is the whole city's, and the actor works for a part of it."""

    code = "out_of_scope"


class HeadCountWrong(UnderwritingRefusal):
    """A head count below 0, of an unknown county, or of one outside the pool."""

    code = "head_count_wrong"


class HeadCountTwice(UnderwritingRefusal):
    """The county's head count for the year stands already; it can only be corrected, with a reason."""

    code = "head_count_twice"


class BillRefused(UnderwritingRefusal):
    """The scheme cannot work the premium out; the text says what is missing."""

    code = "bill_refused"


class AmountWrong(UnderwritingRefusal):
    """A sum that is not owed, or no sum at all; the text says what would be right."""

    code = "amount_wrong"


class DayWrong(UnderwritingRefusal):
    """A day that lies in the future, or before what it follows; the text says which."""

    code = "day_wrong"


class AlreadyThere(UnderwritingRefusal):
    """The paper or the bank's reference has been recorded before."""

    code = "already_there"


class NothingLate(UnderwritingRefusal):
    """The payer owes nothing whose day has passed."""

    code = "nothing_late"


class ReasonMissing(UnderwritingRefusal):
    """The reason must be written down."""

    code = "reason_missing"


class SharesWrong(UnderwritingRefusal):
    """Shares or weights are not 100 %, or not exactly one insurer leads; the text says what they are."""

    code = "shares_wrong"


class NotInForceYet(UnderwritingRefusal):
    """A signature or the bond is missing; the text says which."""

    code = "not_in_force_yet"


class OverCap(UnderwritingRefusal):
    """The bond is over what the law allows; the text names the cap and the article."""

    code = "over_cap"


class BondWrong(UnderwritingRefusal):
    """A bond in cash, one that is back already, or one on which another call is open."""

    code = "bond_wrong"


class PeriodTooShort(UnderwritingRefusal):
    """Bidders have less time than the law gives them; the text names the first day that would do."""

    code = "period_too_short"


class BidsNotClosed(UnderwritingRefusal):
    """This is not done before bids close."""

    code = "bids_not_closed"


class BidTooLate(UnderwritingRefusal):
    """The bid came after the close, or before the tender was published."""

    code = "bid_too_late"


class ScoresMissing(UnderwritingRefusal):
    """A judge has not scored, there are too few judges, or points are missing; the text says which."""

    code = "scores_missing"


class NotAJudge(UnderwritingRefusal):
    """The actor is no judge of this tender, or judging has begun and no judge is added any more."""

    code = "not_a_judge"


class TooEarly(UnderwritingRefusal):
    """The step before this one is not done; the text names it."""

    code = "too_early"


class TermsWrong(UnderwritingRefusal):
    """A clause on money that cannot be: a share, a sum, or no clause at all; the text names the clause."""

    code = "terms_wrong"


class BandsGap(UnderwritingRefusal):
    """Nobody keeps or bears what lies between two loss ratios; the text names the clause and the ratios."""

    code = "bands_gap"


class BandsOverlap(UnderwritingRefusal):
    """Two bands hold for a loss ratio; the text names the clause and the ratios."""

    code = "bands_overlap"


class PromiseNotMade(UnderwritingRefusal):
    """A penalty for what is not promised, or two for one promise; the text names the clause."""

    code = "promise_not_made"


class PaperRefused(UnderwritingRefusal):
    """A paper of a kind that has no place here, or a bid's paper without its bid."""

    code = "paper_refused"
