"""Who is signed in (登录的人): read with their office, which every page asks for."""

from django.contrib.auth.backends import ModelBackend

from yiyuan.apps.accounts.models import StaffMember


class StaffBackend(ModelBackend):
    """Django's own way to sign in, by name and password; the session's person comes with their office."""

    def get_user(self, user_id: int) -> StaffMember | None:
        """Return the person of a session, or None where they may not sign in any more."""
        member = StaffMember.objects.select_related("office").filter(pk=user_id).first()
        return member if self.user_can_authenticate(member) else None
