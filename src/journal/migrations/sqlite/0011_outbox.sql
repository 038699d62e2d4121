-- What others are told: an entry for each episode that begins or ends, each request for approval, each run that has
-- ended, in the order in which that was written down and in the same transaction. It points to what is recorded
-- elsewhere, so it is no fact and not linked. AUTOINCREMENT: a number is never given twice.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    started     INTEGER NOT NULL,
    reference   INTEGER
) STRICT;

-- How far each receiver has been told: entries up to `done` are dealt with, and those above it up to `sending` are in
-- the message that may be on its way.
CREATE TABLE receiver (
    name    TEXT PRIMARY KEY,
    done    INTEGER NOT NULL,
    sending INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    CHECK (sending >= done)
) STRICT;

-- An episode that is over when it is first written has begun and ended since the last transaction.
CREATE TRIGGER episode_begun AFTER INSERT ON episode BEGIN
    INSERT INTO outbox (kind, at, fingerprint, started)
    VALUES ('firing', NEW.last_seen, NEW.fingerprint, NEW.started);
    INSERT INTO outbox (kind, at, fingerprint, started)
    SELECT 'resolved', NEW.last_seen, NEW.fingerprint, NEW.started WHERE NEW.firing = 0;
END;
CREATE TRIGGER episode_turned AFTER UPDATE OF firing ON episode WHEN NEW.firing <> OLD.firing BEGIN
    INSERT INTO outbox (kind, at, fingerprint, started)
    VALUES (CASE NEW.firing WHEN 1 THEN 'firing' ELSE 'resolved' END, NEW.last_seen, NEW.fingerprint, NEW.started);
END;
CREATE TRIGGER approval_asked AFTER INSERT ON approval BEGIN
    INSERT INTO outbox (kind, at, fingerprint, started, reference)
    VALUES ('approval', NEW.requested_at, NEW.fingerprint, NEW.started, NEW.id);
END;
CREATE TRIGGER run_ended AFTER UPDATE OF ended_at ON run WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL BEGIN
    INSERT INTO outbox (kind, at, fingerprint, started, reference)
    VALUES ('remediation', NEW.ended_at, NEW.fingerprint, NEW.started, NEW.id);
END;
