"""A question closes by itself where its claim has ended without money (疑问随赔案结束而了结)."""

from django.db import migrations, models

STATES = [
    ("open", "等人决定"),
    ("kept", "维持原结论"),
    ("withdrawn", "撤案"),
    ("recovery", "追回"),
    ("lapsed", "事实又变回来了"),
    ("moot", "赔案没有付款就结束了"),
]


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_triggers_always_hold")]

    operations = [
        migrations.RemoveConstraint(model_name="question", name="question_answered_by_person"),
        migrations.AlterField(
            model_name="question",
            name="state",
            field=models.CharField(choices=STATES, default="open", max_length=12, verbose_name="状态"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["open", "lapsed", "moot"]),
                    models.Q(
                        models.Q(("answered_by", ""), _negated=True),
                        models.Q(("answer_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="question_answered_by_person",
            ),
        ),
    ]
