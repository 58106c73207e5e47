-- Nothing refers to a journal by foreign key: checking one takes a lock that nobody may have on a row never changed.
CREATE TABLE mentalspace.audit_event (
    practice UUID NOT NULL,
    id UUID NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    activity TEXT COLLATE "C" NOT NULL,
    user_id UUID,
    clients UUID[] NOT NULL,
    leaf BYTEA NOT NULL CHECK (octet_length(leaf) = 32),
    bytes BYTEA NOT NULL,
    PRIMARY KEY (practice, id)
);

CREATE TABLE mentalspace.audit_waiting (
    practice UUID NOT NULL,
    arrival BIGINT GENERATED ALWAYS AS IDENTITY,
    event UUID NOT NULL,
    PRIMARY KEY (practice, arrival),
    UNIQUE (practice, event)
);

-- Activity and user are repeated here so that each search is one walk in the order of positions.
CREATE TABLE mentalspace.audit_position (
    practice UUID NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    event UUID NOT NULL,
    activity TEXT COLLATE "C" NOT NULL,
    user_id UUID,
    PRIMARY KEY (practice, position),
    UNIQUE (practice, event)
);

CREATE INDEX audit_position_by_activity ON mentalspace.audit_position (practice, activity, position);

CREATE INDEX audit_position_by_user ON mentalspace.audit_position (practice, user_id, position)
    WHERE user_id IS NOT NULL;

CREATE TABLE mentalspace.audit_client (
    practice UUID NOT NULL,
    client UUID NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (practice, client, position)
);
