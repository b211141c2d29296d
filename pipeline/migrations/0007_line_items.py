"""Products, line items that a deal's amount may come from, quotes, competitors, checklists, and who looked when."""

import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


# Runs at commit, for lines that changed and for deals whose amount comes from their items; a move touches neither.
ITEMS = """
CREATE FUNCTION pipeline_items_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint;
    deal record;
    due numeric;
BEGIN
    IF TG_TABLE_NAME = 'pipeline_deal' THEN touched := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN touched := OLD.deal_id;
    ELSE touched := NEW.deal_id;
    END IF;
    SELECT amount, amount_from_items INTO deal FROM pipeline_deal WHERE id = touched;
    IF NOT FOUND OR NOT deal.amount_from_items THEN RETURN NULL; END IF;
    SELECT sum(total) INTO due FROM pipeline_lineitem WHERE deal_id = touched;
    IF deal.amount IS DISTINCT FROM due THEN
        RAISE EXCEPTION 'the amount of deal % is %, its items come to %', touched, deal.amount, due
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'deal_amount_is_the_sum_of_its_items';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_amount_is_the_sum_of_its_items AFTER INSERT OR UPDATE OF amount, amount_from_items ON pipeline_deal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.amount_from_items) EXECUTE FUNCTION pipeline_items_hold();
CREATE CONSTRAINT TRIGGER items_add_up_to_the_amount AFTER INSERT OR DELETE OR UPDATE OF total ON pipeline_lineitem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pipeline_items_hold();
"""
ITEMS_UNDO = """
DROP TRIGGER items_add_up_to_the_amount ON pipeline_lineitem;
DROP TRIGGER deal_amount_is_the_sum_of_its_items ON pipeline_deal;
DROP FUNCTION pipeline_items_hold();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0006_events_by_cause'),
        ('pipeline', '0006_custom_fields'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DealCompetitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'ordering': ['deal', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DealVisitMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
                ('before', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='LineItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                ('quantity', models.DecimalField(decimal_places=3, default=1, max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('999999999.999'))], verbose_name='quantity')),
                ('price', models.DecimalField(decimal_places=2, default=0, max_digits=15, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('9999999999999.99'))], verbose_name='price')),
                ('discount', models.DecimalField(decimal_places=2, default=0, max_digits=15, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('9999999999999.99'))], verbose_name='discount')),
                ('discount_kind', models.CharField(choices=[('percent', '%'), ('amount', 'off the line')], default='percent', max_length=7, verbose_name='kind of discount')),
                ('tax_rate', models.DecimalField(decimal_places=2, default=0, max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='tax, %')),
                ('tax_included', models.BooleanField(default=True, editable=False)),
                ('net', models.DecimalField(decimal_places=2, editable=False, max_digits=15)),
                ('tax', models.DecimalField(decimal_places=2, editable=False, max_digits=15)),
                ('total', models.DecimalField(decimal_places=2, editable=False, max_digits=15)),
            ],
            options={
                'verbose_name': 'line item',
                'ordering': ['deal', 'position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='code')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                ('price', models.DecimalField(decimal_places=2, default=0, max_digits=15, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('9999999999999.99'))], verbose_name='price')),
                ('currency', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Three capital letters, like EUR.')], verbose_name='currency')),
                ('tax_rate', models.DecimalField(decimal_places=2, default=0, max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='tax, %')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('is_sample', models.BooleanField(default=False, editable=False)),
            ],
            options={
                'verbose_name': 'product',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Quote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('accepted', 'Accepted'), ('declined', 'Declined')], default='draft', max_length=8)),
                ('language', models.CharField(choices=[('en', 'English'), ('ru', 'Русский')], max_length=2)),
                ('issued_on', models.DateField()),
                ('valid_until', models.DateField(verbose_name='valid until')),
                ('total', models.DecimalField(decimal_places=2, max_digits=15)),
                ('currency', models.CharField(max_length=3)),
                ('snapshot', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('decided_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'quote',
                'ordering': ['-year', '-number'],
            },
        ),
        migrations.CreateModel(
            name='QuoteCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='QuoteFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Seller',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_name', models.CharField(blank=True, max_length=200, verbose_name='legal name')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                ('tax_id', models.CharField(blank=True, max_length=60, verbose_name='tax id')),
                ('bank', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(600)], verbose_name='bank details')),
                ('reach', models.CharField(blank=True, max_length=200, verbose_name='phone, mail, site')),
                ('logo', models.BinaryField(null=True)),
                ('header', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(1000)], verbose_name='opening words')),
                ('terms', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(3000)], verbose_name='terms')),
                ('footer', models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(500)], verbose_name='closing words')),
                ('valid_days', models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='days a quote is valid')),
                ('tax_included', models.BooleanField(default=True, verbose_name='prices include the tax')),
            ],
        ),
        migrations.AddField(
            model_name='deal',
            name='amount_from_items',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='amount from items'),
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('labels', models.JSONField(blank=True, default=dict)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('pipeline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checklist', to='pipeline.pipeline')),
                ('stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pipeline.stage')),
            ],
            options={
                'ordering': ['pipeline', 'position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ChecklistTick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deal', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='pipeline.deal')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pipeline.checklistitem')),
            ],
        ),
        migrations.CreateModel(
            name='Competitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('labels', models.JSONField(blank=True, default=dict)),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('name',), name='competitor_name_once')],
            },
        ),
        migrations.AddField(
            model_name='deal',
            name='lost_to',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.competitor', verbose_name='lost to'),
        ),
        migrations.AddConstraint(
            model_name='deal',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'lost'), ('lost_to', None), _connector='OR'), name='deal_rival_only_when_lost'),
        ),
        migrations.AddField(
            model_name='dealcompetitor',
            name='competitor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pipeline.competitor'),
        ),
        migrations.AddField(
            model_name='dealcompetitor',
            name='deal',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rivals', to='pipeline.deal'),
        ),
        migrations.AddField(
            model_name='dealvisitmark',
            name='deal',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pipeline.deal'),
        ),
        migrations.AddField(
            model_name='dealvisitmark',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lineitem',
            name='deal',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='pipeline.deal'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='product_name_once'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('code'), condition=models.Q(('code', ''), _negated=True), name='product_code_once'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('price__gte', 0), ('price__lte', Decimal('9999999999999.99'))), name='product_price_sane'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lte', Decimal('100'))), name='product_tax_percent'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='product_currency_code'),
        ),
        migrations.AddField(
            model_name='lineitem',
            name='product',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pipeline.product'),
        ),
        migrations.AddField(
            model_name='quote',
            name='created_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='quote',
            name='deal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotes', to='pipeline.deal'),
        ),
        migrations.AddField(
            model_name='quotefile',
            name='quote',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='pipeline.quote'),
        ),
        migrations.AddConstraint(
            model_name='seller',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='seller_is_one'),
        ),
        migrations.AddConstraint(
            model_name='checklisttick',
            constraint=models.UniqueConstraint(fields=('deal', 'item'), name='checklist_tick_once'),
        ),
        migrations.AddConstraint(
            model_name='dealcompetitor',
            constraint=models.UniqueConstraint(fields=('deal', 'competitor'), name='deal_competitor_once'),
        ),
        migrations.AddConstraint(
            model_name='dealvisitmark',
            constraint=models.UniqueConstraint(fields=('deal', 'user'), name='deal_visit_mark_once'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('deal', 'position'), name='line_item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('quantity__lte', Decimal('999999999.999'))), name='line_item_quantity_sane'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('price__gte', 0), ('price__lte', Decimal('9999999999999.99'))), name='line_item_price_sane'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('discount__gte', 0), models.Q(('discount_kind', 'amount'), models.Q(('discount__lte', 100), ('discount_kind', 'percent')), _connector='OR')), name='line_item_discount_sane'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lte', Decimal('100'))), name='line_item_tax_percent'),
        ),
        migrations.AddConstraint(
            model_name='lineitem',
            constraint=models.CheckConstraint(condition=models.Q(('net__gte', 0), ('tax__gte', 0), ('total', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax'))), ('total__lte', Decimal('9999999999999.99'))), name='line_item_sums_agree'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.UniqueConstraint(fields=('year', 'number'), name='quote_number_once'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'sent', 'accepted', 'declined'])), name='quote_state_known'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__gte', models.F('issued_on'))), name='quote_is_valid_for_a_while'),
        ),
        migrations.AddConstraint(
            model_name='quote',
            constraint=models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='quote_number_from_one'),
        ),
        migrations.RunSQL(ITEMS, ITEMS_UNDO),
    ]
