"""The invented staff of the made-up city (虚构工作人员): one sign-in for each role.

In: nothing. Out: frozen sign-ins with Chinese names and offices; passwords belong to the city.
"""

from dataclasses import dataclass

from yiyuan.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An officer; without a county the office is the city's. `office_kind` as `accounts.Office` says it."""

    username: str
    name: str
    roles: tuple[Role, ...]
    office: str
    county_code: str | None
    office_kind: str

    @property
    def audit_name(self) -> str:
        """The name as the audit shows it: nobody shall take the officer for a real one."""
        return f"{self.name}（虚构人员）"


# All of them work for the whole city, so that one sign-in a role goes the whole way of any case in it.
STAFF = (
    StaffMember("zhouhaiyan", "周海燕", (Role.CLERK,), "驻马店市民政局", None, "bureau"),
    StaffMember("liuguilan", "刘桂兰", (Role.DESK_AGENT,), "驻马店市救助服务窗口", None, "service_point"),
    StaffMember("liyumei", "李玉梅", (Role.ASSESSOR,), "驻马店市理赔服务中心", None, "service_point"),
    StaffMember("chenzhiyuan", "陈志远", (Role.APPROVER,), "驻马店市民政局", None, "bureau"),
    StaffMember("gaojianshe", "高建设", (Role.PAYER,), "承保机构驻马店财务部", None, "insurer"),
    StaffMember("helihua", "何丽华", (Role.PAYER,), "驻马店市财政局", None, "bureau"),
    StaffMember("tianjing", "田静", (Role.CIVIL_AFFAIRS,), "驻马店市民政局", None, "bureau"),
    StaffMember("songwei", "宋伟", (Role.FINANCE,), "驻马店市财政局", None, "bureau"),
    StaffMember("zhaomin", "赵敏", (Role.AUDITOR,), "驻马店市审计局", None, "bureau"),
    StaffMember("mawenbo", "马文博", (Role.ADMINISTRATOR,), "驻马店市民政局信息中心", None, "bureau"),
)
