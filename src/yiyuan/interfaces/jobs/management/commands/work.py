"""`./yiyuan manage work`: the job worker of the site (后台任务)."""

from django.core.management.base import BaseCommand

from yiyuan.interfaces.jobs.working import work


class Command(BaseCommand):
    """Do jobs until stopped."""

    help = "后台任务：传送事实、读入文件、夜间核对 (the job worker)"

    def handle(self, *args: object, **options: object) -> None:
        """Work."""
        work()
