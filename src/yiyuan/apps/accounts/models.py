"""Staff, roles and offices (工作人员、岗位与单位): who may sign in, where they work, what they see."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from yiyuan.apps.readings import once_a_page
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope


class Office(models.Model):
    """A bureau, a service point or the insurer's office (单位与网点); without a county it is the city's."""

    BUREAU, SERVICE_POINT, INSURER = "bureau", "service_point", "insurer"
    KINDS = ((BUREAU, "部门"), (SERVICE_POINT, "服务网点"), (INSURER, "承保机构"))

    name = models.CharField("名称", max_length=100, unique=True)
    county_code = models.CharField("县区", max_length=12, blank=True)
    kind = models.CharField("类别", max_length=20, choices=KINDS)
    address = models.CharField("地址", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    hours = models.CharField("开门时间", max_length=100, blank=True, db_default="")
    is_open = models.BooleanField("在用", default=True)
    former_codes = ArrayField(
        models.CharField(max_length=12), default=list, db_default=[], verbose_name="这个县区的旧代码"
    )

    class Meta:
        verbose_name = "单位与网点"

    def scope(self) -> Scope:
        """Return whose rows the people of this office see; a closed office sees nothing."""
        if not self.is_open:
            return NOWHERE
        if not self.county_code:
            return EVERYWHERE
        # What was written under the county's earlier codes stays with those who work for it now.
        return Scope(frozenset({self.county_code, *self.former_codes}))


class StaffMember(AbstractUser):
    """One sign-in. `is_invented` marks the made-up officers of a demonstration city.

    `password_changed_at` is empty as long as the password that was drawn for them still holds.
    """

    name = models.CharField(_("姓名"), max_length=50)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, related_name="staff", verbose_name=_("单位")
    )
    roles = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("岗位"))
    is_invented = models.BooleanField(_("虚构人员"), default=False)
    must_change_password = models.BooleanField(_("要改密码"), default=False)
    password_changed_at = models.DateTimeField(_("改密码的时间"), null=True)

    @once_a_page
    def as_actor(self) -> Actor:
        """Return who this is in the words of the domain; without an office they see nothing."""
        return Actor(
            id=self.username,
            name=self.name or self.username,
            roles=frozenset(Role(role) for role in self.roles),
            scope=self.office.scope() if self.office else NOWHERE,
        )


class CodeChange(models.Model):
    """A county's code that was changed (区划代码变更); what was written under the old one stays so."""

    old_code = models.CharField("旧代码", max_length=12, unique=True)
    new_code = models.CharField("新代码", max_length=12)
    changed_on = models.DateField("从哪天起")
    source = models.CharField("依据", max_length=200)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("录入人", max_length=150)

    class Meta:
        verbose_name = "区划代码变更"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(old_code=models.F("new_code")), name="code_really_changed"
            ),
        )
