"""Costs and targets of channels, codes of campaigns, what came of orders, and its sums per day."""

import django.core.validators
import django.db.models.deletion
import kernel.bounds
import kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0001_initial'),
        ('codes', '0002_channel'),
        ('insights', '0001_initial'),
        ('orders', '0009_fulfilments_without_a_state'),
        ('stores', '0017_has_campaigns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('table', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('done', models.BigIntegerField(default=0)),
                ('seen', models.BigIntegerField(default=0)),
                ('seen_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'mark of a worker',
                'verbose_name_plural': 'marks of workers',
            },
        ),
        migrations.CreateModel(
            name='CampaignCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(verbose_name='since')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='code_rows', to='campaigns.campaign', verbose_name='campaign')),
                ('code', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='campaign_row', to='codes.code', verbose_name='code')),
            ],
            options={
                'verbose_name': 'code of a campaign',
                'verbose_name_plural': 'codes of campaigns',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='OrderPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('state', models.CharField(choices=[('pending', 'waiting for payment'), ('deposit', 'deposit paid'), ('paid', 'paid'), ('cancelled', 'cancelled'), ('timed_out', 'not paid in time')], max_length=10, verbose_name='state')),
                ('is_new', models.BooleanField(verbose_name='first order here')),
                ('came_at', models.DateTimeField(null=True, verbose_name='came in')),
                ('came_again', models.BooleanField(default=False, verbose_name='came again within 90 days')),
                ('received_fen', models.BigIntegerField(default=0, verbose_name='paid')),
                ('refunded_fen', models.BigIntegerField(default=0, verbose_name='refunded')),
                ('earned_fen', models.BigIntegerField(default=0, verbose_name='earned')),
                ('own_fen', models.BigIntegerField(default=0, verbose_name='own discount')),
                ('commission_fen', models.BigIntegerField(default=0, verbose_name='commission')),
                ('reward_fen', models.BigIntegerField(default=0, verbose_name='reward')),
                ('given_fen', models.BigIntegerField(default=0, verbose_name='discount')),
                ('code', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.code', verbose_name='code')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.merchant', verbose_name='merchant')),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts_of_results', to='orders.order', verbose_name='order')),
            ],
            options={
                'verbose_name': 'order and whence it came',
                'verbose_name_plural': 'orders and whence they came',
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['merchant', '-id'], name='order_part_merchant'),
                    models.Index(fields=['merchant', 'day'], name='order_part_day'),
                    models.Index(fields=['code', '-id'], name='order_part_code'),
                    models.Index(condition=models.Q(('state__in', ['pending', 'deposit'])), fields=['state'], name='order_part_open'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('order', 'merchant'), name='order_part_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PartCampaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_fen', models.BigIntegerField(default=0, verbose_name='discount')),
                ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaign', verbose_name='campaign')),
                ('part', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='campaigns', to='insights.orderpart', verbose_name='order')),
            ],
            options={
                'verbose_name': 'campaign of an order',
                'verbose_name_plural': 'campaigns of orders',
                'ordering': ('-id',),
                'indexes': [
                    models.Index(fields=['campaign', '-part'], name='part_campaign'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('part', 'campaign'), name='part_campaign_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ResultDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('scans', models.BigIntegerField(db_default=0)),
                ('visitors', models.BigIntegerField(db_default=0)),
                ('signups', models.BigIntegerField(db_default=0)),
                ('claims', models.BigIntegerField(db_default=0)),
                ('orders', models.BigIntegerField(db_default=0)),
                ('paid', models.BigIntegerField(db_default=0)),
                ('came', models.BigIntegerField(db_default=0)),
                ('sent_back', models.BigIntegerField(db_default=0)),
                ('new', models.BigIntegerField(db_default=0)),
                ('new_came', models.BigIntegerField(db_default=0)),
                ('again', models.BigIntegerField(db_default=0)),
                ('received_fen', models.BigIntegerField(db_default=0)),
                ('refunded_fen', models.BigIntegerField(db_default=0)),
                ('earned_fen', models.BigIntegerField(db_default=0)),
                ('own_fen', models.BigIntegerField(db_default=0)),
                ('commission_fen', models.BigIntegerField(db_default=0)),
                ('reward_fen', models.BigIntegerField(db_default=0)),
                ('given_fen', models.BigIntegerField(db_default=0)),
                ('campaign', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaign')),
                ('code', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.code')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.merchant')),
            ],
            options={
                'verbose_name': 'result of a day',
                'verbose_name_plural': 'results of days',
                'ordering': ('-day', '-id'),
                'indexes': [
                    models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', 'day'], name='result_day_campaign'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('merchant', 'campaign', 'day', 'code'), name='result_day_once', nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name='ChannelPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('search', 'search'), ('article', 'article'), ('own_media', 'own media'), ('weibo', 'Weibo'), ('wechat', 'WeChat'), ('site', 'site'), ('building', 'building'), ('store', 'store'), ('seller', 'seller'), ('partner', 'partner'), ('other', 'other')], max_length=9, verbose_name='channel')),
                ('begins_on', models.DateField(validators=[kernel.bounds.validate_day], verbose_name='from')),
                ('ends_on', models.DateField(validators=[kernel.bounds.validate_day], verbose_name='until')),
                ('cost_fen', models.PositiveBigIntegerField(default=0, help_text='What is paid for it: placements, articles, hours of work.', validators=[django.core.validators.MaxValueValidator(10000000000)], verbose_name='cost')),
                ('print_fen', models.PositiveBigIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(10000000000)], verbose_name='cost of printing')),
                ('reach_told', models.PositiveBigIntegerField(blank=True, null=True, validators=[kernel.bounds.validate_count], verbose_name='people reached, as the channel says')),
                ('target_came', models.PositiveIntegerField(blank=True, null=True, validators=[kernel.bounds.validate_count], verbose_name='target: orders whose guests come in')),
                ('note', models.CharField(blank=True, max_length=80, verbose_name='note')),
                ('created_at', models.DateTimeField(default=kernel.clock.now, editable=False, verbose_name='created')),
                ('campaign', models.ForeignKey(blank=True, help_text='Empty: of no single campaign.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='campaigns.campaign', verbose_name='campaign')),
                ('code', models.ForeignKey(blank=True, help_text='Only for what is spent on one code, such as one building.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='codes.code', verbose_name='code')),
                ('made_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.merchant', verbose_name='merchant')),
            ],
            options={
                'verbose_name': 'cost and target of a channel',
                'verbose_name_plural': 'costs and targets of channels',
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['merchant', '-id'], name='channel_plan_merchant')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('begins_on'))), name='channel_plan_ends_after_it_begins')],
            },
            bases=(kernel.bounds.Bounded, models.Model),
        ),
    ]
