"""Refusals of the payment side (支付), with stable codes; interfaces put them into words."""


class PaymentRefusal(Exception):
    """Base of what payments refuse; `code` is stable."""

    code = "payment_refused"


class NothingToPay(PaymentRefusal):
    """A batch needs at least one order."""

    code = "nothing_to_pay"


class SameHands(PaymentRefusal):
    """The person who built a batch may not release it (双人复核)."""

    code = "same_hands"


class RoleMissing(PaymentRefusal):
    """The actor does not hold the payer's role."""

    code = "role_missing"


class BatchMoved(PaymentRefusal):
    """The batch is no longer where this step needs it."""

    code = "batch_moved"


class ReturnUnreadable(PaymentRefusal):
    """The file of the bank's answers cannot be read; the text says why."""

    code = "return_unreadable"


class ProfileFaulty(PaymentRefusal):
    """A bank's profile is not there or has faults, or an order does not fit it; the text says where."""

    code = "profile_faulty"


class SuspenseClosed(PaymentRefusal):
    """The line in suspense was worked off before, or nobody has proposed what is agreed to."""

    code = "suspense_closed"


class NoMatch(PaymentRefusal):
    """The order is not on its way, or is over another amount than the line in suspense."""

    code = "no_match"


class NoteMissing(PaymentRefusal):
    """Money in suspense is worked off with a note that says what it rests on."""

    code = "note_missing"


class FileChanged(PaymentRefusal):
    """A bank file built anew is not what was released; it must not go out."""

    code = "file_changed"


class OutOfScope(PaymentRefusal):
    """This reaches over the whole city, and the actor works for a part of it."""

    code = "out_of_scope"
