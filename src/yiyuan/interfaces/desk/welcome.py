"""The first page of a city of one's own (欢迎页): which file first, what each unlocks, who is needed.

In: what the city knows, as its administrator or data clerk sees it. Out: three steps with where they stand.
"""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.accounts.queries import count_by_role
from yiyuan.interfaces.desk.labels import role_title
from yiyuan.interfaces.desk.pages.imports import register_columns, registers_of
from yiyuan.kernel.actor import Actor, Role

DUTIES: dict[Role, Promise] = {
    Role.CLERK: gettext_lazy("导入部门文件，跑筛查"),
    Role.DESK_AGENT: gettext_lazy("看拟赔名单，确认立案，补账户和材料"),
    Role.ASSESSOR: gettext_lazy("第一人：初审"),
    Role.APPROVER: gettext_lazy("第二人：复核，不能和初审是同一人"),
    Role.PAYER: gettext_lazy("装批、放行、收回单；装批和放行要两个人"),
    Role.CIVIL_AFFAIRS: gettext_lazy("投保：招标、协议、保证金、人数"),
    Role.FINANCE: gettext_lazy("财政：保费、账簿、结账"),
    Role.AUDITOR: gettext_lazy("看留痕，什么都不改"),
    Role.ADMINISTRATOR: gettext_lazy("管单位和账号"),
}
# Two pairs of hands build and release a batch.
NEEDED = {Role.PAYER: 2}


def welcome_context(actor: Actor) -> dict[str, object]:
    """Return what the welcome page shows."""
    posts = _posts(actor)
    return {
        "title": _("欢迎，这座城市还是空的"),
        "registers": registers_of(actor.scope),
        "register_columns": register_columns(),
        "posts": posts,
        "post_columns": [
            {"label": _("岗位")},
            {"label": _("做什么")},
            {"label": _("现在有"), "right": True},
            {"label": _("下一步")},
        ],
        "missing_posts": sum(not post["is_filled"] for post in posts),
        "is_clerk": Role.CLERK in actor.roles and actor.scope.is_city,
        "is_administrator": Role.ADMINISTRATOR in actor.roles,
    }


def _posts(actor: Actor) -> Sequence[dict[str, object]]:
    counts = count_by_role(actor.scope)
    return [
        {
            "title": role_title(role),
            "duty": duty,
            "count": counts[role],
            "is_filled": counts[role] >= NEEDED.get(role, 1),
            "url": f"{reverse('desk:staff_new')}?role={role}",
        }
        for role, duty in DUTIES.items()
    ]
