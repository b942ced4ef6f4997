"""Lines say gross, discount and payable; fees are lines without a product; a total may be 0.

Set-based: `total_fen` is renamed, and `gross_fen` is filled by one rewrite of the table, which
leaves no dead rows behind as an UPDATE would.
"""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from kernel.db.together import Together


class Migration(migrations.Migration):
    dependencies = (("orders", "0001_initial"),)

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        Together(
            migrations.RemoveConstraint(model_name="order", name="order_total_positive"),
            migrations.RemoveConstraint(model_name="order", name="order_paid_names_its_payment"),
            migrations.AddConstraint(
                model_name="order",
                constraint=models.CheckConstraint(
                    condition=~Q(state="paid")
                    | (Q(paid_at__isnull=False) & (Q(payment__isnull=False) | Q(total_fen=0))),
                    name="order_paid_names_its_payment",
                ),
            ),
            migrations.AlterField(
                model_name="order",
                name="payment",
                field=models.ForeignKey(
                    blank=True,
                    help_text="The payment that paid this order; none where nothing was to pay.",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.payment",
                    verbose_name="payment",
                ),
            ),
            migrations.RemoveConstraint(model_name="orderline", name="order_line_total"),
        ),
        migrations.RenameField(
            model_name="orderline", old_name="total_fen", new_name="payable_fen"
        ),
        Together(
            migrations.AlterField(
                model_name="orderline",
                name="payable_fen",
                field=models.PositiveBigIntegerField(
                    help_text="What the buyer pays: the price less discounts.", verbose_name="to pay"
                ),
            ),
            migrations.AddField(
                model_name="orderline",
                name="discount_fen",
                field=models.PositiveBigIntegerField(
                    db_default=0, default=0, verbose_name="discount"
                ),
            ),
            migrations.AddField(
                model_name="orderline",
                name="gross_fen",
                field=models.PositiveBigIntegerField(null=True),
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_orderline"
            " ALTER COLUMN gross_fen TYPE bigint USING unit_price_fen * quantity",
            migrations.RunSQL.noop,
        ),
        Together(
            migrations.AlterField(
                model_name="orderline",
                name="gross_fen",
                field=models.PositiveBigIntegerField(
                    help_text="Unit price × quantity.", verbose_name="before discounts"
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="unit_price_fen",
                field=models.PositiveBigIntegerField(
                    help_text="The lowest item price of that moment.", verbose_name="unit price"
                ),
            ),
            migrations.AddField(
                model_name="orderline",
                name="kind",
                field=models.CharField(
                    choices=[("item", "item"), ("fee", "fee")],
                    db_default="item",
                    default="item",
                    max_length=4,
                    verbose_name="kind",
                ),
            ),
            migrations.AddField(
                model_name="orderline",
                name="payee",
                field=models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    help_text="The party that the money is for; empty for the merchant of the line.",
                    max_length=40,
                    verbose_name="payee",
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="merchant",
                field=models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="order_lines",
                    to="stores.merchant",
                    verbose_name="merchant",
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="product",
                field=models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="order_lines",
                    to="catalog.product",
                    verbose_name="product",
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="variant",
                field=models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.variant",
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="offer",
                field=models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.offer",
                    verbose_name="offer",
                ),
            ),
            migrations.AlterField(
                model_name="orderline",
                name="terms",
                field=models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="vouchers.voucherterms",
                ),
            ),
            migrations.AddConstraint(
                model_name="orderline",
                constraint=models.CheckConstraint(
                    condition=Q(gross_fen=F("unit_price_fen") * F("quantity")),
                    name="order_line_gross",
                ),
            ),
            migrations.AddConstraint(
                model_name="orderline",
                constraint=models.CheckConstraint(
                    condition=Q(payable_fen=F("gross_fen") - F("discount_fen")),
                    name="order_line_payable",
                ),
            ),
            migrations.AddConstraint(
                model_name="orderline",
                constraint=models.CheckConstraint(
                    condition=Q(kind="fee", product__isnull=True, offer__isnull=True)
                    | Q(
                        kind="item",
                        merchant__isnull=False,
                        product__isnull=False,
                        variant__isnull=False,
                        offer__isnull=False,
                        terms__isnull=False,
                    ),
                    name="order_line_item_names_its_product",
                ),
            ),
        ),
        migrations.CreateModel(
            name="OrderDiscount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("layer", models.CharField(max_length=20, verbose_name="layer")),
                ("source", models.CharField(max_length=64, verbose_name="source")),
                (
                    "label_en",
                    models.CharField(blank=True, max_length=120, verbose_name="label (English)"),
                ),
                (
                    "label_zh",
                    models.CharField(blank=True, max_length=120, verbose_name="label (Chinese)"),
                ),
                ("funder", models.CharField(max_length=40, verbose_name="funded by")),
                ("amount_fen", models.PositiveBigIntegerField(verbose_name="amount")),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="discounts",
                        to="orders.orderline",
                        verbose_name="order line",
                    ),
                ),
            ],
            options={
                "verbose_name": "discount",
                "verbose_name_plural": "discounts",
                "ordering": ("id",),
                "constraints": (
                    models.CheckConstraint(
                        condition=Q(amount_fen__gt=0), name="order_discount_positive"
                    ),
                    models.UniqueConstraint(
                        fields=["line", "source"], name="order_discount_once"
                    ),
                ),
            },
        ),
    ]
