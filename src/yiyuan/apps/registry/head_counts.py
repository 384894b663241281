"""Reading the registered head counts (户籍人口数) as files have brought them."""

from yiyuan.apps.registry.models import HeadCount


def find_head_count(county_code: str) -> HeadCount | None:
    """Return a county's newest figure that no later file corrects, None where no file has brought one."""
    return HeadCount.objects.filter(county_code=county_code, superseded_at=None).order_by("-on").first()
