-- Requests for approval. The request is what was asked, word for word; each group of the other columns is
-- written once, when that happens.
CREATE TABLE approval (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    policy       TEXT NOT NULL,
    target       TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    started      INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    request      TEXT NOT NULL,
    answered_at  INTEGER,
    approved     INTEGER,
    answered_by  TEXT,
    cancelled_at INTEGER,
    why          TEXT,
    used_at      INTEGER,
    run          INTEGER,
    CHECK ((answered_at IS NULL) = (approved IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((cancelled_at IS NULL) = (why IS NULL)),
    CHECK ((used_at IS NULL) = (run IS NULL))
) STRICT;
-- One request at a time for what a run would be.
CREATE UNIQUE INDEX approval_open ON approval (policy, target, fingerprint, started)
    WHERE cancelled_at IS NULL AND used_at IS NULL AND approved IS NOT 0;
CREATE INDEX approval_expires ON approval (expires_at);
