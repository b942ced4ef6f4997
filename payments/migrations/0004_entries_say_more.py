"""Ledger entries say whose account moved, where the money is, what it is about and why.

Old entries get the same by rule, from their event, account and side; no amount changes. What an
old settlement or payout lacks, so that each transaction is balanced at each custodian, is added to
it: entries of ``clearing`` and, at a settlement, the move of its payable from the gateways to the
books. The table is append only: its triggers stand aside until the rows are written, and it is
written anew as a whole (kernel/db/rewrite.py), a quarter of a minute where an UPDATE of each row
takes minutes.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from kernel.db.rewrite import ROOM, rewritten
from payments.migrations._ledger import (
    FIRST,
    KEY,
    LONGER,
    NO_CHECK,
    THEN,
    WIDE_CHECK,
    is_by_month,
    is_wide,
    run,
)
from kernel.db.together import Together

# A voucher's money is where its payment was made: the escrow entry of the payment's own
# transaction says so. No temporary table: those are read by one process alone.
HELD = """
CREATE UNLOGGED TABLE payments_held AS
SELECT entry.voucher_ref, min(payment.gateway) AS gateway
FROM payments_ledgerentry entry
JOIN payments_ledgertransaction event ON event.id = entry.transaction_id
JOIN payments_payment payment ON 'pay:' || payment.number = event.key
WHERE entry.account = 'escrow' AND event.kind = 'pay' AND entry.voucher_ref IS NOT NULL
GROUP BY entry.voucher_ref
"""
NO_LONGER_NEEDED = "DROP TABLE payments_held, payments_at_gateway"

# Commission is the second pair of a release, a forfeit and a return (docs/money.md).
EVENT = """
JOIN payments_ledgertransaction event ON event.id = entry.transaction_id
LEFT JOIN payments_payment paid ON event.kind = 'pay' AND paid.number = substr(event.key, 5)
LEFT JOIN payments_refund refund ON event.kind IN ('refund', 'return', 'refunded')
    AND refund.number = split_part(event.key, ':', 2)
LEFT JOIN payments_payment returned ON returned.id = refund.payment_id
LEFT JOIN payments_payout payout ON event.kind IN ('payout', 'payout-returned')
    AND payout.number = split_part(event.key, ':', 2)
LEFT JOIN payments_statement statement ON statement.id = payout.statement_id
LEFT JOIN payments_held held ON held.voucher_ref = entry.voucher_ref
CROSS JOIN LATERAL (SELECT substr(event.key, strpos(event.key, ':') + 1) AS number,
    CASE
        WHEN event.kind IN ('settle', 'payout', 'payout-returned') THEN 'net'
        WHEN event.kind = 'fees' THEN 'fee'
        WHEN entry.account = 'commission' OR entry.account = 'payable' AND (
            event.kind IN ('release', 'forfeit') AND entry.amount_fen > 0
            OR event.kind = 'return' AND entry.amount_fen < 0) THEN 'commission'
        ELSE 'value'
    END AS purpose) said
"""
SAID = {
    'party': "COALESCE('merchant:' || entry.merchant_id, 'platform')::varchar(40)",
    'custodian': """
        CASE
            WHEN said.purpose = 'commission' THEN 'books'
            WHEN event.kind = 'fees' THEN split_part(event.key, ':', 2)
            WHEN entry.account = 'bank' THEN 'bank'
            WHEN event.kind IN ('settle', 'payout', 'payout-returned') THEN 'books'
            ELSE COALESCE(paid.gateway, returned.gateway, held.gateway, 'books')
        END::varchar(24)""",
    'subject': """
        CASE
            WHEN entry.account = 'refund_due' THEN 'refund:' || said.number
            WHEN entry.account = 'unclaimed'
                THEN 'payment:' || COALESCE(paid.number, returned.number, said.number)
            WHEN event.kind IN ('payout', 'payout-returned') AND entry.account = 'settled'
                THEN 'statement:' || COALESCE(statement.number, said.number)
            WHEN event.kind IN ('payout', 'payout-returned') THEN 'payout:' || said.number
            WHEN event.kind = 'settle' THEN 'statement:' || said.number
            WHEN entry.voucher_ref IS NOT NULL THEN 'voucher:' || entry.voucher_ref
            WHEN event.kind = 'pay' THEN 'payment:' || said.number
            WHEN event.kind = 'refunded' THEN 'refund:' || said.number
            WHEN event.kind = 'fees' THEN
                'bill:' || split_part(event.key, ':', 2) || ':' || split_part(event.key, ':', 3)
            ELSE event.key
        END::varchar(80)""",
    'purpose': "said.purpose::varchar(16)",
}

# What the lines of a statement come to at each gateway leaves it for the books.
AT_GATEWAY = """
CREATE UNLOGGED TABLE payments_at_gateway AS
SELECT event.id, statement.merchant_id, 'statement:' || statement.number AS subject,
    entry.custodian, -SUM(entry.amount_fen) AS fen
FROM payments_statement statement
JOIN payments_ledgertransaction event ON event.key = 'settle:' || statement.number
JOIN payments_settlementline line ON line.statement_id = statement.id
JOIN payments_ledgerentry entry ON entry.id = line.entry_id
WHERE entry.account = 'payable' AND entry.custodian <> 'books'
GROUP BY event.id, statement.merchant_id, statement.number, entry.custodian
HAVING SUM(entry.amount_fen) <> 0
"""
SETTLED = """
WITH moved AS (
    SELECT id, merchant_id, subject, custodian, fen FROM payments_at_gateway
    UNION ALL
    SELECT id, merchant_id, subject, 'books', -SUM(fen) FROM payments_at_gateway
    GROUP BY id, merchant_id, subject HAVING SUM(fen) <> 0
)
INSERT INTO payments_ledgerentry
    (transaction_id, account, merchant_id, amount_fen, party, custodian, subject, purpose)
SELECT id, 'payable', merchant_id, fen, 'merchant:' || merchant_id, custodian, subject, 'net'
FROM moved
UNION ALL
SELECT id, 'clearing', NULL, -fen, 'platform', custodian, subject, 'net' FROM moved
"""

PAID_OUT = """
INSERT INTO payments_ledgerentry
    (transaction_id, account, amount_fen, party, custodian, subject, purpose)
SELECT entry.transaction_id, 'clearing', side.sign * entry.amount_fen, 'platform',
    side.custodian, entry.subject, 'net'
FROM payments_ledgerentry entry
CROSS JOIN (VALUES (-1, 'bank'), (1, 'books')) AS side (sign, custodian)
WHERE entry.account = 'bank'
"""

SAYS_WHAT_IT_IS = (
    "ADD CONSTRAINT ledger_entry_says_what_it_is CHECK"
    " (NOT (party = '' OR custodian = '' OR subject = '' OR purpose = ''))",
)


def say_more(apps, editor):
    """Write every entry anew, with what it lacked, and the entries that were missing.

    What later migrations ask of the table is made at the same time; where it has that, it keeps it.
    """
    with editor.connection.cursor() as cursor:
        run(cursor, (*ROOM, HELD, "ANALYZE payments_held"))
        keyed, wide = is_by_month(cursor), is_wide(cursor)
        if not keyed:
            run(cursor, FIRST)
        if not wide:
            run(cursor, (NO_CHECK, LONGER))
        changes = (() if keyed else KEY) + (() if wide else (WIDE_CHECK,)) + SAYS_WHAT_IT_IS
        with rewritten(
            cursor,
            'payments_ledgerentry',
            alias='entry',
            values=SAID,
            joins=EVENT,
            changes=changes,
        ):
            run(cursor, (AT_GATEWAY, SETTLED, PAID_OUT))
        if not keyed:
            run(cursor, THEN)
        run(cursor, (NO_LONGER_NEEDED,))


APPEND_ONLY = pgtrigger.compiler.Trigger(
    name='ledger_entry_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='eb0381536318e0cb7cee4e82ec5fce26daf5a1cf', operation='UPDATE OR DELETE', pgid='pgtrigger_ledger_entry_append_only_1237e', table='payments_ledgerentry', when='BEFORE'),
)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_payout_reference_once'),
        ('stores', '0006_kept_pictures_of_all'),
    ]

    operations = [
        Together(
            pgtrigger.migrations.RemoveTrigger(
                model_name='ledgerentry',
                name='ledger_entry_append_only',
            ),
            pgtrigger.migrations.RemoveTrigger(
                model_name='ledgerentry',
                name='ledger_balanced',
            ),
            migrations.AddField(
                model_name='ledgerentry',
                name='custodian',
                field=models.CharField(default='', max_length=24, verbose_name='custodian'),
                preserve_default=False,
            ),
            migrations.AddField(
                model_name='ledgerentry',
                name='party',
                field=models.CharField(default='', max_length=40, verbose_name='party'),
                preserve_default=False,
            ),
            migrations.AddField(
                model_name='ledgerentry',
                name='purpose',
                field=models.CharField(choices=[('value', 'value'), ('commission', 'commission'), ('fee', 'gateway fee'), ('net', 'statement')], default='', max_length=16, verbose_name='purpose'),
                preserve_default=False,
            ),
            migrations.AddField(
                model_name='ledgerentry',
                name='subject',
                field=models.CharField(default='', max_length=80, verbose_name='about'),
                preserve_default=False,
            ),
            migrations.AlterField(
                model_name='ledgerentry',
                name='account',
                field=models.CharField(choices=[('gateway', 'money at the gateway'), ('bank', "paid out from the platform's bank"), ('escrow', 'paid, not redeemed yet'), ('pending', 'redeemed, undo window open'), ('payable', 'earned, to be settled'), ('settled', 'on a statement, to be paid out'), ('commission', 'commission earned'), ('refund_due', 'owed back to customers'), ('unclaimed', 'received for a closed order'), ('fees', 'gateway fees'), ('clearing', 'moved between custodians')], max_length=12, verbose_name='account'),
            ),
        ),
        migrations.RunPython(say_more),
        pgtrigger.migrations.AddTrigger(model_name='ledgerentry', trigger=APPEND_ONLY),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='ledger_balanced', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE total numeric; linked numeric;', func="\n                    SELECT SUM(amount_fen) FILTER (WHERE custodian = NEW.custodian),\n                        SUM(amount_fen) FILTER (WHERE account = 'clearing')\n                        INTO total, linked FROM payments_ledgerentry\n                        WHERE transaction_id = NEW.transaction_id;\n                    IF total <> 0 OR linked <> 0 THEN\n                        RAISE EXCEPTION 'ledger transaction % is off balance by % fen at %',\n                            NEW.transaction_id, coalesce(nullif(total, 0), linked), NEW.custodian\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NULL;\n                ", hash='61a8985d1aed7c1c102aca4746f4612c77fefcd1', operation='INSERT', pgid='pgtrigger_ledger_balanced_fc7c5', table='payments_ledgerentry', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    migrations.RunSQL.noop,  # made by the rewriting
                    "ALTER TABLE payments_ledgerentry DROP CONSTRAINT ledger_entry_says_what_it_is",
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name='ledgerentry',
                    constraint=models.CheckConstraint(condition=models.Q(('party', ''), ('custodian', ''), ('subject', ''), ('purpose', ''), _connector='OR', _negated=True), name='ledger_entry_says_what_it_is'),
                ),
            ],
        ),
    ]
