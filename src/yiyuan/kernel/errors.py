"""Refusals (拒收与报错): the errors that carry a plain message for the person who must mend something.

In: a message that says what was found and what would be right. Out: an exception interfaces print as it is.
"""


class YiyuanError(Exception):
    """Base of every refusal whose text may be shown to a person."""


class SchemeError(YiyuanError):
    """A scheme directory, file or date that cannot be used; the text names file, line and clause."""


class CaseError(YiyuanError):
    """A case of a case file that cannot be read; the text names the case and the fact."""


class CalendarError(YiyuanError):
    """Holiday rows that contradict themselves or cannot be read."""
