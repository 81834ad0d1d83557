"""Products, their stock with its history, and who bought them."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0001_shop.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0251_organisations'),
        ('payments', '0233_purchases'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Purchase',
            fields=[
                ('order', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='purchase', serialize=False, to='payments.order', verbose_name='order')),
                ('title', models.CharField(editable=False, help_text='product and variant, as they were called', max_length=130, verbose_name='what')),
                ('quantity', models.PositiveIntegerField(editable=False, verbose_name='pieces')),
                ('price', models.BigIntegerField(editable=False, help_text='cents', verbose_name='price of one')),
                ('shipping_fee', models.BigIntegerField(editable=False, help_text='cents', verbose_name='shipping')),
                ('status', models.CharField(choices=[('RESERVED', 'reserved until it is paid'), ('BOUGHT', 'paid'), ('DISPATCHED', 'on its way'), ('LAPSED', 'not paid')], default='RESERVED', editable=False, max_length=10, verbose_name='status')),
                ('address', models.BinaryField(help_text='encrypted; empty once forgotten', null=True)),
                ('tracking', models.CharField(blank=True, editable=False, max_length=120, verbose_name='tracking')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('bought_at', models.DateTimeField(editable=False, null=True, verbose_name='paid at')),
                ('dispatched_at', models.DateTimeField(editable=False, null=True, verbose_name='dispatched at')),
            ],
            options={
                'verbose_name': 'purchase',
                'verbose_name_plural': 'purchases',
                'indexes': [models.Index(models.F('bought_at'), condition=models.Q(('address__isnull', False)), name='purchase_with_an_address')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='purchase_is_of_something'), models.CheckConstraint(condition=models.Q(('price__gt', 0), ('shipping_fee__gte', 0)), name='purchase_costs_something'), models.CheckConstraint(condition=models.Q(models.Q(('bought_at__isnull', True), ('status__in', ['RESERVED', 'LAPSED'])), models.Q(('bought_at__isnull', False), ('status__in', ['BOUGHT', 'DISPATCHED'])), _connector='OR'), name='purchase_is_bought_when_it_is_paid'), models.CheckConstraint(condition=models.Q(models.Q(('dispatched_at__isnull', False), ('status', 'DISPATCHED')), models.Q(models.Q(('status', 'DISPATCHED'), _negated=True), ('dispatched_at__isnull', True)), _connector='OR'), name='dispatched_purchase_left_at_a_moment'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'LAPSED'), _negated=True), ('address__isnull', True), _connector='OR'), name='purchase_that_lapsed_has_no_address'), models.CheckConstraint(condition=models.Q(('tracking', ''), ('status', 'DISPATCHED'), _connector='OR'), name='what_was_dispatched_is_tracked')],
            },
        ),
        migrations.CreateModel(
            name='SavedAddress',
            fields=[
                ('user', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='saved_address', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('address', models.BinaryField(help_text='encrypted')),
                ('saved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='saved at')),
            ],
            options={
                'verbose_name': 'saved address',
                'verbose_name_plural': 'saved addresses',
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(editable=False, help_text='by which a post orders it', max_length=16, unique=True, verbose_name='code')),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('picture', models.BinaryField(null=True)),
                ('picture_type', models.CharField(blank=True, choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG'), ('image/webp', 'WebP')], editable=False, max_length=10, verbose_name='type of the picture')),
                ('price', models.BigIntegerField(help_text='cents', verbose_name='price')),
                ('is_shipped', models.BooleanField(default=False, verbose_name='sent by post')),
                ('shipping_fee', models.BigIntegerField(default=0, help_text='cents, for each purchase', verbose_name='shipping')),
                ('opens_at', models.DateTimeField(blank=True, null=True, verbose_name='on sale from')),
                ('closes_at', models.DateTimeField(blank=True, null=True, verbose_name='on sale until')),
                ('most_per_buyer', models.PositiveIntegerField(default=10, verbose_name='pieces for one buyer at most')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='accounts.organisation', verbose_name='organisation')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'indexes': [models.Index(fields=['organisation', '-created_at'], name='product_by_organisation')],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z][A-Z0-9]{2,15}$'), ('code__regex', '[0-9]')), name='product_code_can_be_posted'), models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='product_costs_something'), models.CheckConstraint(condition=models.Q(('shipping_fee', 0), models.Q(('is_shipped', True), ('shipping_fee__gt', 0)), _connector='OR'), name='shipping_is_paid_for_what_is_shipped'), models.CheckConstraint(condition=models.Q(('opens_at__isnull', True), ('closes_at__isnull', True), ('closes_at__gt', models.F('opens_at')), _connector='OR'), name='offer_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('most_per_buyer__gt', 0)), name='somebody_may_buy_a_product'), models.CheckConstraint(condition=models.Q(models.Q(('picture__isnull', True), ('picture_type', '')), models.Q(('picture__isnull', False), ('picture_type__in', ['image/jpeg', 'image/png', 'image/webp'])), _connector='OR'), name='product_picture_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Basket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, editable=False, max_length=280, verbose_name='note')),
                ('channel', models.CharField(editable=False, max_length=12, verbose_name='channel')),
                ('channel_id', models.CharField(editable=False, max_length=64, verbose_name='number of the message')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='made at')),
                ('expires_at', models.DateTimeField(editable=False, verbose_name='expires at')),
                ('user', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='baskets', to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('product', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shop.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'basket',
                'verbose_name_plural': 'baskets',
                'indexes': [models.Index(fields=['expires_at'], name='basket_with_a_deadline')],
                'constraints': [models.UniqueConstraint(fields=('user', 'product'), name='member_puts_a_product_aside_once'), models.UniqueConstraint(fields=('channel', 'channel_id'), name='message_makes_one_basket'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='basket_lasts_for_a_while')],
            },
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='variant')),
                ('stock', models.IntegerField(default=0, editable=False, verbose_name='pieces left')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('product', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='variants', to='shop.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'variant',
                'verbose_name_plural': 'variants',
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('product', 'name'), name='product_names_a_variant_once'), models.CheckConstraint(condition=models.Q(('stock__gte', 0)), name='nothing_is_sold_twice')],
            },
        ),
        migrations.CreateModel(
            name='StockMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.IntegerField(editable=False, verbose_name='pieces')),
                ('reason', models.CharField(choices=[('SELLER', 'counted by the seller'), ('RESERVED', 'reserved by a buyer'), ('LAPSED', 'not paid for'), ('RETURNED', 'came back from a buyer')], editable=False, max_length=8, verbose_name='why')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='when')),
                ('by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('purchase', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='shop.purchase', verbose_name='purchase')),
                ('variant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='shop.variant', verbose_name='variant')),
            ],
            options={
                'verbose_name': 'change of stock',
                'verbose_name_plural': 'changes of stock',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('change', 0), _negated=True), name='stock_moves_by_something'), models.CheckConstraint(condition=models.Q(models.Q(('by__isnull', False), ('purchase__isnull', True), ('reason', 'SELLER')), models.Q(('by__isnull', True), ('change__lt', 0), ('purchase__isnull', False), ('reason', 'RESERVED')), models.Q(('by__isnull', True), ('change__gt', 0), ('purchase__isnull', False), ('reason', 'LAPSED')), models.Q(('by__isnull', False), ('change__gt', 0), ('purchase__isnull', False), ('reason', 'RETURNED')), _connector='OR'), name='stock_moves_for_a_reason'), models.UniqueConstraint(fields=('purchase', 'reason'), name='purchase_moves_stock_once')],
            },
        ),
        migrations.AddField(
            model_name='purchase',
            name='variant',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='shop.variant', verbose_name='variant'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['variant', '-made_at'], name='purchase_by_variant'),
        ),
        migrations.RunSQL(SQL, reverse_sql=migrations.RunSQL.noop),
    ]
