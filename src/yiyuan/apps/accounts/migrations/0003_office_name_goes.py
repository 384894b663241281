"""The free text goes, in a migration of its own: PostgreSQL alters no table with foreign keys still to check."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_office")]

    operations = [
        migrations.RemoveField("staffmember", "office_name"),
        migrations.RemoveField("staffmember", "county_code"),
    ]
