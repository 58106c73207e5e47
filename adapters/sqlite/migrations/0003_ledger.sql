CREATE TABLE ledger_entry (
    practice BLOB NOT NULL,
    id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds since 1970
    PRIMARY KEY (practice, id)
) STRICT, WITHOUT ROWID;

-- Rows are never removed, so the row id is the order of booking. What belongs to the entry is repeated on each of its
-- postings, so that a report reads one table.
CREATE TABLE ledger_posting (
    sequence INTEGER PRIMARY KEY,
    practice BLOB NOT NULL,
    entry BLOB NOT NULL,
    effective INTEGER NOT NULL, -- days since 1970-01-01
    source_kind TEXT NOT NULL,
    source BLOB NOT NULL,
    reverses BLOB,
    account TEXT NOT NULL,
    amount INTEGER NOT NULL, -- cents, debit positive
    client BLOB,
    claim BLOB,
    line INTEGER,
    payer BLOB,
    reason TEXT,
    FOREIGN KEY (practice, entry) REFERENCES ledger_entry (practice, id)
) STRICT;

CREATE INDEX ledger_posting_in_order ON ledger_posting (practice, sequence);

CREATE INDEX ledger_posting_by_account ON ledger_posting (practice, account, effective, amount);

CREATE INDEX ledger_posting_by_source ON ledger_posting (practice, source);

CREATE INDEX ledger_posting_by_client ON ledger_posting (practice, client) WHERE client IS NOT NULL;

CREATE INDEX ledger_posting_by_claim ON ledger_posting (practice, claim) WHERE claim IS NOT NULL;

CREATE INDEX ledger_posting_by_payer ON ledger_posting (practice, payer) WHERE payer IS NOT NULL;

CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;

CREATE TRIGGER ledger_entry_is_never_removed BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are never removed'); END;

CREATE TRIGGER ledger_posting_is_never_changed BEFORE UPDATE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'ledger postings are never changed'); END;

CREATE TRIGGER ledger_posting_is_never_removed BEFORE DELETE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'ledger postings are never removed'); END;
