"""Tags that were renamed, put together or deleted, and what takes that back."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("crm", "0028_states_are_known"),
    ]

    operations = [
        migrations.CreateModel(
            name='TagChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('into', models.CharField(blank=True, max_length=40)),
                ('is_merge', models.BooleanField(default=False)),
                ('colour', models.CharField(max_length=10)),
                ('views', models.JSONField(default=list)),
                ('counts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('undo_began_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='TagChangeRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('record_id', models.BigIntegerField()),
                ('before', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('after', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('change', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='crm.tagchange')),
            ],
        ),
        migrations.AddConstraint(
            model_name='tagchange',
            constraint=models.CheckConstraint(condition=models.Q(('into', ''), ('is_merge', True), _negated=True), name='tag_change_merges_into_something'),
        ),
        migrations.AddConstraint(
            model_name='tagchangerow',
            constraint=models.UniqueConstraint(fields=('change', 'kind', 'record_id'), name='tag_change_row_once'),
        ),
    ]
