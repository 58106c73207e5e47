CREATE TABLE document (
    practice BLOB NOT NULL,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    sort TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (practice, kind, id)
) STRICT;

CREATE INDEX document_in_order ON document (practice, kind, sort, id);

-- The sort key is repeated here so that a filtered page, in order, is one walk along the primary key.
CREATE TABLE term (
    practice BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    sort TEXT NOT NULL,
    id BLOB NOT NULL,
    is_unique INTEGER NOT NULL,
    PRIMARY KEY (practice, kind, name, value, sort, id),
    FOREIGN KEY (practice, kind, id) REFERENCES document (practice, kind, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX term_of_document ON term (practice, kind, id);

CREATE UNIQUE INDEX term_unique ON term (practice, kind, name, value) WHERE is_unique = 1;
