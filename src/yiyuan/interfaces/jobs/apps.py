"""Django's registration of the job worker."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """后台任务."""

    name = "yiyuan.interfaces.jobs"
    label = "jobs"
