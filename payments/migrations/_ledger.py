"""What several migrations do to the ledger, so that 0004, which writes it anew, does all of it once.

The key of an entry becomes (month, id), in two steps with room for the rewrite between: 0011 takes
both where 0004 ran before entries had a month; so does 0009 with its wider check. Entries that are
there already share one month, 2000-01-01: a constant is a word in the catalogue of the database,
where their true months would be another rewrite of ledger and settlement. They are one part of a
table that is split by months.
"""

FIRST = (
    """
    ALTER TABLE payments_settlementline
        DROP CONSTRAINT payments_settlementl_entry_id_0d285326_fk_payments_,
        DROP CONSTRAINT payments_settlementline_entry_id_key,
        ADD COLUMN entry_month date NOT NULL DEFAULT '2000-01-01'
    """,
    "ALTER TABLE payments_settlementline ALTER COLUMN entry_month DROP DEFAULT",
    """
    ALTER TABLE payments_ledgerentry
        DROP CONSTRAINT payments_ledgerentry_pkey,
        ADD COLUMN month date NOT NULL DEFAULT '2000-01-01'
    """,
)
KEY = (
    "ALTER COLUMN month SET DEFAULT (date_trunc('month', now() AT TIME ZONE 'UTC'))::date",
    "ADD CONSTRAINT payments_ledgerentry_pkey PRIMARY KEY (month, id)",
)
THEN = (
    """
    ALTER TABLE payments_settlementline
        ADD CONSTRAINT settled_at_most_once UNIQUE (entry_id, entry_month)
    """,
    """
    ALTER TABLE payments_settlementline
        ADD CONSTRAINT settlement_line_of_an_entry FOREIGN KEY (entry_month, entry_id)
            REFERENCES payments_ledgerentry (month, id) DEFERRABLE INITIALLY DEFERRED
    """,
)
BACK = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    """
    ALTER TABLE payments_settlementline
        DROP CONSTRAINT settlement_line_of_an_entry,
        DROP CONSTRAINT settled_at_most_once,
        DROP COLUMN entry_month,
        ADD CONSTRAINT payments_settlementline_entry_id_key UNIQUE (entry_id)
    """,
    """
    ALTER TABLE payments_ledgerentry
        DROP CONSTRAINT payments_ledgerentry_pkey,
        DROP COLUMN month,
        ADD CONSTRAINT payments_ledgerentry_pkey PRIMARY KEY (id)
    """,
    """
    ALTER TABLE payments_settlementline
        ADD CONSTRAINT payments_settlementl_entry_id_0d285326_fk_payments_
            FOREIGN KEY (entry_id) REFERENCES payments_ledgerentry (id)
            DEFERRABLE INITIALLY DEFERRED
    """,
)

# Accounts of partners have a longer name, and a merchant.
_CHECK = "CONSTRAINT ledger_merchant_accounts_name_one"
NO_CHECK = f"ALTER TABLE payments_ledgerentry DROP {_CHECK}"
LONGER = "ALTER TABLE payments_ledgerentry ALTER COLUMN account TYPE varchar(24)"
WIDE_CHECK = f"""
ADD {_CHECK} CHECK (
    (account IN ('escrow', 'pending', 'payable', 'settled', 'receivable'))
        AND merchant_id IS NOT NULL
    OR NOT (account IN ('escrow', 'pending', 'payable', 'settled', 'receivable'))
        AND merchant_id IS NULL
    OR account = 'escrow' AND merchant_id IS NULL AND subject::text LIKE 'line:%')
"""
WIDEN = (NO_CHECK, LONGER, f"ALTER TABLE payments_ledgerentry {WIDE_CHECK}")
NARROW = (
    NO_CHECK,
    "ALTER TABLE payments_ledgerentry ALTER COLUMN account TYPE varchar(12)",
    f"""
    ALTER TABLE payments_ledgerentry ADD {_CHECK} CHECK (
        (account IN ('escrow', 'pending', 'payable', 'settled')) AND merchant_id IS NOT NULL
        OR NOT (account IN ('escrow', 'pending', 'payable', 'settled')) AND merchant_id IS NULL)
    """,
)


def is_wide(cursor):
    """Whether the check knows partners' accounts."""
    cursor.execute(
        "SELECT FROM pg_constraint WHERE conrelid = 'payments_ledgerentry'::regclass"
        " AND conname = 'ledger_merchant_accounts_name_one'"
        " AND strpos(pg_get_constraintdef(oid), 'receivable') > 0"
    )
    return cursor.rowcount == 1


def is_by_month(cursor):
    """Whether both steps were taken."""
    cursor.execute(
        "SELECT FROM pg_attribute WHERE attrelid = 'payments_ledgerentry'::regclass"
        " AND attname = 'month' AND NOT attisdropped"
    )
    return cursor.rowcount == 1


def run(cursor, statements):
    for statement in statements:
        cursor.execute(statement)
