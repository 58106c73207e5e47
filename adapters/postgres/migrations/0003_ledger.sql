CREATE TABLE mentalspace.ledger_entry (
    practice UUID NOT NULL,
    id UUID NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice, id)
);

-- What belongs to the entry is repeated on each of its postings, so that a report reads one table.
CREATE TABLE mentalspace.ledger_posting (
    practice UUID NOT NULL,
    sequence BIGINT GENERATED ALWAYS AS IDENTITY,
    entry UUID NOT NULL,
    effective DATE NOT NULL,
    source_kind TEXT COLLATE "C" NOT NULL,
    source UUID NOT NULL,
    reverses UUID,
    account TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL, -- cents, debit positive
    client UUID,
    claim UUID,
    line INTEGER,
    payer UUID,
    reason TEXT COLLATE "C",
    PRIMARY KEY (practice, sequence)
);

CREATE INDEX ledger_posting_by_account ON mentalspace.ledger_posting (practice, account, effective) INCLUDE (amount);

CREATE INDEX ledger_posting_by_source ON mentalspace.ledger_posting (practice, source);

CREATE INDEX ledger_posting_by_client ON mentalspace.ledger_posting (practice, client) WHERE client IS NOT NULL;

CREATE INDEX ledger_posting_by_claim ON mentalspace.ledger_posting (practice, claim) WHERE claim IS NOT NULL;

CREATE INDEX ledger_posting_by_payer ON mentalspace.ledger_posting (practice, payer) WHERE payer IS NOT NULL;
