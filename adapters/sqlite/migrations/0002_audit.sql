-- Rows are never removed, so the row id is the order of arrival.
CREATE TABLE audit_event (
    arrival INTEGER PRIMARY KEY,
    practice BLOB NOT NULL,
    id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL, -- microseconds since 1970
    activity TEXT NOT NULL,
    user BLOB,
    clients TEXT NOT NULL, -- JSON array of hexadecimal ids
    leaf BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (practice, id)
) STRICT;

CREATE TABLE audit_waiting (
    practice BLOB NOT NULL,
    arrival INTEGER NOT NULL REFERENCES audit_event (arrival),
    PRIMARY KEY (practice, arrival)
) STRICT, WITHOUT ROWID;

-- Activity and user are repeated here so that each search is one walk in the order of positions.
CREATE TABLE audit_position (
    practice BLOB NOT NULL,
    position INTEGER NOT NULL,
    arrival INTEGER NOT NULL UNIQUE REFERENCES audit_event (arrival),
    activity TEXT NOT NULL,
    user BLOB,
    PRIMARY KEY (practice, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_position_by_activity ON audit_position (practice, activity, position);

CREATE INDEX audit_position_by_user ON audit_position (practice, user, position) WHERE user IS NOT NULL;

CREATE TABLE audit_client (
    practice BLOB NOT NULL,
    client BLOB NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (practice, client, position),
    FOREIGN KEY (practice, position) REFERENCES audit_position (practice, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_event_waits AFTER INSERT ON audit_event
BEGIN
    INSERT INTO audit_waiting (practice, arrival) VALUES (new.practice, new.arrival);
END;

CREATE TRIGGER audit_event_is_placed AFTER INSERT ON audit_position
BEGIN
    DELETE FROM audit_waiting WHERE practice = new.practice AND arrival = new.arrival;
    INSERT OR IGNORE INTO audit_client (practice, client, position)
        SELECT new.practice, unhex(client.value), new.position
        FROM audit_event AS event, json_each(event.clients) AS client
        WHERE event.arrival = new.arrival;
END;

CREATE TRIGGER audit_event_is_never_changed BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;

CREATE TRIGGER audit_event_is_never_removed BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END;

CREATE TRIGGER audit_position_is_never_changed BEFORE UPDATE ON audit_position
BEGIN SELECT RAISE(ABORT, 'audit positions are never changed'); END;

CREATE TRIGGER audit_position_is_never_removed BEFORE DELETE ON audit_position
BEGIN SELECT RAISE(ABORT, 'audit positions are never removed'); END;

CREATE TRIGGER audit_client_is_never_changed BEFORE UPDATE ON audit_client
BEGIN SELECT RAISE(ABORT, 'audit clients are never changed'); END;

CREATE TRIGGER audit_client_is_never_removed BEFORE DELETE ON audit_client
BEGIN SELECT RAISE(ABORT, 'audit clients are never removed'); END;
