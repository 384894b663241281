"""People found by the middle of their name, by its initials and by telephone; totals kept beside the rows."""

import django.db.models.deletion
from django.db import migrations, models

import yiyuan.apps.registry.encryption

SETTING = "(SELECT current_setting('yiyuan.counties', true))"
# A telephone number is seen by whoever sees the person.
CONTACT_POLICY = f"""CREATE POLICY own_counties ON registry_contact USING (
    {SETTING} = '*' OR EXISTS (SELECT FROM registry_person p WHERE p.id = person_id));
ALTER TABLE registry_contact ENABLE ROW LEVEL SECURITY; ALTER TABLE registry_contact FORCE ROW LEVEL SECURITY;"""
# The initials stand behind the blank of the sound.
FILL_NAME_PARTS = """SET LOCAL yiyuan.counties = '*';
INSERT INTO registry_namepart (part, name)
SELECT DISTINCT x.part, p.name FROM (SELECT DISTINCT name, name_key FROM registry_person WHERE name <> '') p
CROSS JOIN LATERAL (
    SELECT substr(p.name, n) FROM generate_series(2, char_length(p.name)) AS n
    UNION ALL SELECT split_part(p.name_key, ' ', 2)
) AS x (part) WHERE x.part <> '';
RESET yiyuan.counties"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_filled_blanks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phone", yiyuan.apps.registry.encryption.SealedTextField(verbose_name="电话")),
                ("phone_index", models.UUIDField(verbose_name="电话盲索引")),
                ("phone_tail", models.CharField(max_length=4, verbose_name="尾号")),
                ("recorded_at", models.DateTimeField(verbose_name="录入时间")),
                ("recorded_by", models.CharField(max_length=150, verbose_name="经办人")),
                ("superseded_at", models.DateTimeField(null=True, verbose_name="停用时间")),
            ],
            options={
                "verbose_name": "联系电话",
            },
        ),
        migrations.CreateModel(
            name="NamePart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "part", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("part", models.CharField(db_collation="C", max_length=80, verbose_name="片段")),
                ("name", models.CharField(db_collation="C", max_length=80, verbose_name="姓名")),
            ],
            options={
                "verbose_name": "姓名片段",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="什么")),
                ("county_code", models.CharField(max_length=12, verbose_name="县区")),
                ("total", models.PositiveBigIntegerField(verbose_name="多少")),
            ],
            options={
                "verbose_name": "登记总数",
            },
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_by_name",
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_by_name_key",
        ),
        migrations.AlterField(
            model_name="person",
            name="name",
            field=models.CharField(db_collation="C", max_length=80, verbose_name="姓名"),
        ),
        migrations.AlterField(
            model_name="person",
            name="name_key",
            field=models.CharField(db_collation="C", max_length=80, verbose_name="拼音"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name", "county_code", "id"], name="person_by_name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name_key", "county_code", "id"], name="person_by_name_key"),
        ),
        migrations.AddField(
            model_name="contact",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="registry.person"
            ),
        ),
        migrations.AddConstraint(
            model_name="tally",
            constraint=models.UniqueConstraint(fields=("kind", "county_code"), name="tally_once"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["phone_index"], name="contact_by_phone"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at__isnull", True)),
                fields=("person", "phone_index"),
                name="contact_once",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("import_job_id__isnull", True)),
                fields=["person"],
                name="account_from_desk",
            ),
        ),
        migrations.RemoveIndex(model_name="settlement", name="settlement_reverses"),
        migrations.AddIndex(
            model_name="settlement",
            index=models.Index(
                condition=models.Q(("reverses_setl_id", ""), _negated=True),
                fields=["reverses_setl_id"],
                name="settlement_reverses",
            ),
        ),
        migrations.RunSQL(CONTACT_POLICY, "DROP POLICY own_counties ON registry_contact"),
        migrations.RunSQL(FILL_NAME_PARTS, migrations.RunSQL.noop),
    ]
