"""Staff and their roles (工作人员与岗位): who may sign in, where they work, what they may do."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from yiyuan.kernel.actor import Actor, Role


class StaffMember(AbstractUser):
    """One sign-in. `is_invented` marks the made-up officers of a demonstration city."""

    name = models.CharField(_("姓名"), max_length=50)
    office = models.CharField(_("单位"), max_length=100, blank=True)
    county_code = models.CharField(_("县区"), max_length=12, blank=True)
    roles = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("岗位"))
    is_invented = models.BooleanField(_("虚构人员"), default=False)

    def as_actor(self) -> Actor:
        """Return who this is in the words of the domain."""
        return Actor(
            id=self.username,
            name=self.name or self.username,
            roles=frozenset(Role(role) for role in self.roles),
        )
