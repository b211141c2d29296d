"""Lists of clients by age, and of those that are seen through records above alone."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Of entries whose readers own them or lead their owners there are many, of the others few: a list of one's own is read by owner.
LENT = "CREATE INDEX search_by_lent ON crm_searchentry USING gin (lent) WITH (gin_pending_list_limit = 256) WHERE NOT own @> lent"
MARKS = django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), editable=False, default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [("crm", "0026_removals")]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='company',
            index=models.Index(fields=['created_at', 'id'], name='company_by_age'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=models.Index(fields=['owner', 'created_at', 'id'], name='company_by_owner_age'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=models.Index(fields=['team', 'created_at', 'id'], name='company_by_team_age'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['created_at', 'id'], name='contact_by_age'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['owner', 'created_at', 'id'], name='contact_by_owner_age'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['team', 'created_at', 'id'], name='contact_by_team_age'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(LENT, "DROP INDEX search_by_lent")],
            state_operations=[migrations.AddField("searchentry", "own", MARKS), migrations.AddField("searchentry", "lent", MARKS)],
        ),
    ]
