"""Offices in place of a free text; everybody stays where they were."""

import django.db.models.deletion
from django.db import migrations, models

CITY_OFFICE = "市本级"
WORDS_OF_KINDS = (("insurer", ("承保", "保险")), ("service_point", ("窗口", "服务", "网点")))


def kind_of(name):
    return next((kind for kind, words in WORDS_OF_KINDS if any(word in name for word in words)), "bureau")


def put_into_offices(apps, schema_editor):
    office_model = apps.get_model("accounts", "Office")
    offices = {}
    for member in apps.get_model("accounts", "StaffMember").objects.order_by("pk"):
        # Somebody of no office and no county has worked for the whole city until now.
        name = member.office_name or (member.county_code and f"{member.county_code} 经办") or CITY_OFFICE
        key = (name, member.county_code)
        if key not in offices:
            taken = office_model.objects.filter(name=name).exists()
            offices[key] = office_model.objects.create(
                name=f"{name}（{member.county_code or '市'}）" if taken else name,
                county_code=member.county_code,
                kind=kind_of(name),
            )
        member.office = offices[key]
        member.save(update_fields=["office"])


def put_into_texts(apps, schema_editor):
    for member in apps.get_model("accounts", "StaffMember").objects.select_related("office"):
        if member.office:
            member.office_name, member.county_code = member.office.name, member.office.county_code
            member.save(update_fields=["office_name", "county_code"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="名称")),
                ("county_code", models.CharField(blank=True, max_length=12, verbose_name="县区")),
                (
                    "kind",
                    models.CharField(
                        choices=[("bureau", "部门"), ("service_point", "服务网点"), ("insurer", "承保机构")],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="电话")),
                ("is_open", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={"verbose_name": "单位与网点"},
        ),
        migrations.RenameField("staffmember", "office", "office_name"),
        migrations.AddField(
            "staffmember",
            "office",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="staff",
                to="accounts.office",
                verbose_name="单位",
            ),
        ),
        migrations.AddField(
            "staffmember", "must_change_password", models.BooleanField(default=False, verbose_name="要改密码")
        ),
        migrations.AddField(
            "staffmember", "password_changed_at", models.DateTimeField(null=True, verbose_name="改密码的时间")
        ),
        migrations.RunPython(put_into_offices, put_into_texts),
    ]
