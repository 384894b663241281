"""Refusals of the imports (数据导入), with stable codes; interfaces put them into words."""


class IntakeRefusal(Exception):
    """Base of what imports refuse; `code` is stable."""

    code = "intake_refused"


class RoleMissing(IntakeRefusal):
    """The actor is no clerk."""

    code = "role_missing"


class OutOfScope(IntakeRefusal):
    """This reaches over the whole city, and the actor works for a part of it."""

    code = "out_of_scope"


class ImportRested(IntakeRefusal):
    """The import cannot be undone, or its list not applied, because something rests on it; `why` says what.

    `number` is the import or the count that stands in the way.
    """

    code = "import_rested"

    def __init__(self, why: str, number: int = 0) -> None:
        super().__init__(why)
        self.why, self.number = why, number


class NoWholeList(IntakeRefusal):
    """The import is no whole list that has been read to its end, or its list has been applied already."""

    code = "no_whole_list"


class ListOutdated(IntakeRefusal):
    """A list of a later day has been applied already."""

    code = "list_outdated"


class ProfileFaulty(IntakeRefusal):
    """What was chosen for the columns cannot be kept; `why` says in what way, `detail` names the fields."""

    code = "profile_faulty"

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(why)
        self.why, self.detail = why, detail


class NotHeld(IntakeRefusal):
    """The import does not wait for anybody's decision; somebody else may have taken it."""

    code = "not_held"


class NotToMend(IntakeRefusal):
    """The refused row cannot be corrected here: its cells were not kept, or it has been corrected already."""

    code = "not_to_mend"
