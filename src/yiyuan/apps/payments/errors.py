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


class ReturnContradicts(PaymentRefusal):
    """A line of the bank's answers contradicts what is known; nothing of the file was posted."""

    code = "return_contradicts"


class FileChanged(PaymentRefusal):
    """A bank file built anew is not what was released; it must not go out."""

    code = "file_changed"


class OutOfScope(PaymentRefusal):
    """This reaches over the whole city, and the actor works for a part of it."""

    code = "out_of_scope"
