-- The journal. Times are milliseconds since the epoch, UTC; bodies are JSON of the model's types.

-- Marks the file as ours ("sCoJ"), so that a foreign database is never written to.
PRAGMA application_id = 1933799242;

-- Webhook deliveries as they were accepted. AUTOINCREMENT: a number is never given twice, even when
-- every row has been pruned, so nothing new can hide below the watermark.
CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    source      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;

-- Deliveries up to `applied` are reflected in the episodes.
CREATE TABLE watermark (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    applied  INTEGER NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
INSERT INTO watermark (only_row, applied, at) VALUES (1, 0, 0);

CREATE TABLE episode (
    fingerprint TEXT NOT NULL,
    started     INTEGER NOT NULL,
    firing      INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (fingerprint, started)
) STRICT;
CREATE INDEX episode_firing ON episode (last_seen) WHERE firing = 1;
CREATE INDEX episode_last_seen ON episode (last_seen);

CREATE TABLE decision (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL,
    started     INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    policy      TEXT,
    target      TEXT,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX decision_episode ON decision (fingerprint, started, id);
CREATE INDEX decision_at ON decision (at);

-- One row per run; UNIQUE is what keeps a policy from acting twice on a target in one episode.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    policy      TEXT NOT NULL,
    target      TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    started     INTEGER NOT NULL,
    begun_at    INTEGER NOT NULL,
    plan        TEXT NOT NULL,
    ended_at    INTEGER,
    outcome     TEXT,
    UNIQUE (policy, target, fingerprint, started),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE INDEX run_open ON run (id) WHERE ended_at IS NULL;
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX run_episode ON run (fingerprint, started);

-- A step's row is its intent; the other columns are what became of it.
CREATE TABLE step (
    run         INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    step        INTEGER NOT NULL,
    begun_at    INTEGER NOT NULL,
    acted_at    INTEGER,
    act         TEXT,
    verified_at INTEGER,
    verdict     TEXT,
    PRIMARY KEY (run, step)
) STRICT;
CREATE INDEX step_begun ON step (begun_at);

-- The stop switch: the newest row holds, the older ones tell who used it when.
CREATE TABLE stop_switch (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    paused INTEGER NOT NULL,
    by     TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
