"""Files that cannot be read at all (读不懂的文件): refused whole, in plain words.

In: what was found. Out: one exception whose text a clerk can act on.
"""

from yiyuan.kernel.errors import YiyuanError


class UnreadableFile(YiyuanError):
    """A file, or a profile file, that cannot be understood; the text says what was found and what to do."""


class ColumnsMissing(UnreadableFile):
    """No column was found for a fact that the kind needs; saying which column is which makes it readable."""
