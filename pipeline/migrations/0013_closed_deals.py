"""Deals by the day on which they were closed, through each of a viewer's rights."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0027_clients_by_age'),
        ('pipeline', '0012_vague_visits_found'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(models.F('outcome'), models.OrderBy(models.F('closed_at'), descending=True, nulls_last=True), condition=models.Q(('closed_at__isnull', False)), name='deal_closed'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(models.F('owner'), models.F('outcome'), models.OrderBy(models.F('closed_at'), descending=True, nulls_last=True), condition=models.Q(('closed_at__isnull', False)), name='deal_closed_by_owner'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(models.F('team'), models.F('outcome'), models.OrderBy(models.F('closed_at'), descending=True, nulls_last=True), condition=models.Q(('closed_at__isnull', False)), name='deal_closed_by_team'),
        ),
    ]
