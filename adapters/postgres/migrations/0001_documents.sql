CREATE TABLE mentalspace.document (
    practice UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    sort TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (practice, kind, id)
);

-- Sealed bodies do not compress.
ALTER TABLE mentalspace.document ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE INDEX document_in_order ON mentalspace.document (practice, kind, sort, id);

CREATE TABLE mentalspace.term (
    practice UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    sort TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice, kind, id, name, value),
    FOREIGN KEY (practice, kind, id) REFERENCES mentalspace.document ON DELETE CASCADE
);

-- The sort key is repeated here so that a filtered page, in order, is one walk along this index.
CREATE INDEX term_in_order ON mentalspace.term (practice, kind, name, value, sort, id);

CREATE TABLE mentalspace.unique_term (
    practice UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    id UUID NOT NULL,
    PRIMARY KEY (practice, kind, name, value),
    FOREIGN KEY (practice, kind, id) REFERENCES mentalspace.document ON DELETE CASCADE
);

CREATE INDEX unique_term_of_document ON mentalspace.unique_term (practice, kind, id);
