"""The city behind `./yiyuan run` (第一座城市): made or opened, imported, screened, some claims settled.

In: the options of `run` and a progress display. Out: one sign-in a role. A synthetic city is made once from
a seed; a city of the user's own (`--empty`) gets divisions, calendar, an administrator, and nothing invented.
"""

import argparse
import csv
import hmac
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings

from yiyuan.apps.accounts.offices import OfficeFacts, record_office
from yiyuan.apps.accounts.queries import list_changed_passwords
from yiyuan.apps.accounts.services import NewStaffMember, record_staff_member
from yiyuan.apps.deadlines.services import record_holidays
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.registry.queries import CityView, get_city
from yiyuan.apps.registry.services import NewDivision, record_city, record_divisions
from yiyuan.apps.reporting.services import refresh_path
from yiyuan.apps.screening.services import run_screening
from yiyuan.interfaces import clock
from yiyuan.interfaces.commands.demo_contract import hold_contract
from yiyuan.interfaces.commands.invented_officers import put_scheme_in_force, work_through
from yiyuan.interfaces.commands.lived_year import business_date, live_year
from yiyuan.interfaces.commands.published_year import ENDS_ON, live_published_year
from yiyuan.interfaces.commands.published_year import FIRST_DAY as PUBLISHED_FIRST_DAY
from yiyuan.interfaces.desk.labels import role_title
from yiyuan.interfaces.jobs.tasks import take_up_unfinished
from yiyuan.kernel.actor import SYSTEM_ACTOR, Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.runtime.progress import Progress
from yiyuan.synthetic.city import write_city
from yiyuan.synthetic.staff import STAFF, StaffMember

CITY_NAME = "驻马店市"
SCHEME = "zhumadian-yiyuan"
SYNTHETIC_ON = date(2019, 11, 20)
PREMIUM_IS_IN_ON = date(2019, 2, 1)  # on an earlier day the made-up contract would lie ahead
IMPORTED_BEFORE = timedelta(days=2)
SEED = 1
ZONE = ZoneInfo("Asia/Shanghai")
CHANGED = "（已改，用新的）"
# Imports as well, until there is a data clerk; the office may be given its own name on screen.
FIRST_ADMINISTRATOR = StaffMember(
    "administrator", "管理员", (Role.ADMINISTRATOR, Role.CLERK), "市本级", None, "bureau"
)
SignIn = tuple[str, str, str]


def prepare(options: argparse.Namespace, progress: Progress) -> Sequence[SignIn]:
    """Make the city if there is none, or open the one there is; return (role, user name, password)."""
    take_up_unfinished()
    city = get_city()
    if city is None:
        city = _make_city(options, progress)
    elif options.today is not None:
        _record_city(city.is_synthetic, options.today)
    return _sign_ins(city)


def _make_city(options: argparse.Namespace, progress: Progress) -> CityView:
    months = 0 if options.empty else options.months
    is_published = not options.empty and options.published_year
    usual = ENDS_ON if is_published else business_date(months) if months else SYNTHETIC_ON
    business_on = options.today if options.empty else options.today or usual
    first_day = business_on if options.empty else PUBLISHED_FIRST_DAY
    with progress.step("写入行政区划和节假日", unit="条"):
        _write_ground(not options.empty, first_day)
    if not options.empty:
        with progress.step("两名虚构经办人让方案生效"):
            put_scheme_in_force(_at(first_day or clock.today(), time(8)))
    if not options.empty and not is_published and business_on and business_on >= PREMIUM_IS_IN_ON:
        hold_contract(options.people, business_on, progress)
    if is_published:
        live_published_year(progress)
    elif months:
        live_year(options.people, months, progress)
    elif not options.empty:
        _fill(options.people, business_on, progress)
    # The city itself comes last: a run that was cut short is made anew, from files that are the same bytes.
    _record_city(not options.empty, business_on)
    city = get_city()
    assert city is not None, "the city was recorded just now"
    return city


def _write_ground(is_synthetic: bool, business_on: date | None) -> None:
    at = _at(business_on or clock.today(), time(8))
    record_divisions(
        divisions=list(ground_divisions()), actor=SYSTEM_ACTOR, occurred_at=at, request_key=str(uuid4())
    )
    record_holidays(
        holidays=load_holidays(Path(settings.SCHEMES) / BASE_FILE),
        actor=SYSTEM_ACTOR,
        occurred_at=at,
        request_key=str(uuid4()),
    )
    for post in _posts(is_synthetic):
        _record_post(post, is_synthetic, at)
    if is_synthetic:
        _record_claim_points(at)


def _record_claim_points(at: datetime) -> None:
    """Open an invented claim point of the insurer in every county, as its agreement promises."""
    for county in ground_divisions():
        if county.level == 1:
            name = f"{county.name}理赔救助岗（虚构）"
            record_office(
                facts=OfficeFacts(name, county.code, "insurer"),
                actor=SYSTEM_ACTOR,
                occurred_at=at,
                request_key=f"first-city:office:{name}",
            )


def ground_divisions() -> Iterator[NewDivision]:
    """Yield the counties, townships and villages of the base data, each after what it lies in."""
    base = Path(settings.SCHEMES) / "base" / "divisions"
    for level, (name, parent) in enumerate(
        (("counties.csv", None), ("townships.csv", "county_code"), ("villages.csv", "township_code")), start=1
    ):
        with (base / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield NewDivision(row["code"], row["name"], level, row[parent] if parent else None)


def _fill(people: int, business_on: date, progress: Progress) -> None:
    directory = Path(settings.DATA_HOME) / "city"
    with progress.step("编造一座演示城市的部门文件", people, "人") as step:
        city = write_city(directory, people=people, seed=SEED, business_on=business_on, progress=step.reach)
    imported_on = business_on - IMPORTED_BEFORE
    clerk = _invented(Role.CLERK)
    for file in city.files:
        with progress.step(f"读入 {file.path.name}", unit="字节") as step:
            job = import_file(
                path=file.path,
                kind=file.kind,
                group=file.group or "",
                actor=clerk,
                occurred_at=_at(imported_on, time(2)),
                request_key=f"first-city:{file.path.name}",
                progress=step.reach,
            )
            step.note = f"接受 {job.accepted:,}，另存 {job.refused:,}"
    with progress.step("筛查谁应赔未赔") as step:
        run = run_screening(
            actor=clerk, started_at=_at(imported_on, time(6, 10)), request_key="first-city:screening"
        )
        step.note = f"{run.manifest['decisions']:,} 条结论"
    work_through(business_on, progress)
    with progress.step("算总览的数", unit="条") as step:
        step.note = f"{refresh_path(today=business_on, refreshed_at=_at(business_on, time(9))):,} 条结算"


def _record_city(is_synthetic: bool, business_on: date | None) -> None:
    record_city(
        name=CITY_NAME,
        scheme=SCHEME,
        business_on=business_on,
        is_synthetic=is_synthetic,
        actor=SYSTEM_ACTOR,
        occurred_at=_at(business_on or clock.today(), time(8)),
        request_key=str(uuid4()),
    )


def _posts(is_synthetic: bool) -> Sequence[StaffMember]:
    return STAFF if is_synthetic else (FIRST_ADMINISTRATOR,)


def _record_post(post: StaffMember, is_synthetic: bool, at: datetime) -> None:
    office_id = record_office(
        facts=OfficeFacts(post.office, post.county_code or "", post.office_kind),
        actor=SYSTEM_ACTOR,
        occurred_at=at,
        request_key=f"first-city:office:{post.office}",
    )
    # The same key each time: a run that was cut short finds its own work.
    record_staff_member(
        new=NewStaffMember(
            username=post.username,
            name=post.name,
            office_id=office_id,
            roles=post.roles,
            password=_password(post.username),
            is_invented=is_synthetic,
        ),
        actor=SYSTEM_ACTOR,
        occurred_at=at,
        request_key=f"first-city:staff:{post.username}",
    )


def _sign_ins(city: CityView) -> Sequence[SignIn]:
    posts = _posts(city.is_synthetic)
    changed = list_changed_passwords([post.username for post in posts])
    return [
        (
            "、".join(role_title(role) for role in post.roles),
            post.username,
            CHANGED if post.username in changed else _password(post.username),
        )
        for post in posts
    ]


def _password(username: str) -> str:
    # Drawn from the city's own secret, so that a later start can print it again without keeping it anywhere.
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"sign-in:{username}".encode(), sha256)
    return "-".join(digest.hex()[n : n + 4] for n in (0, 4, 8))


def _invented(role: Role) -> Actor:
    member = next(member for member in STAFF if role in member.roles)
    return Actor(member.username, member.audit_name, frozenset({role}), EVERYWHERE)


def _at(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=ZONE)
