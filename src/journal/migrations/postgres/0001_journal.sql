-- The journal, as in SQLite. Times are milliseconds since the epoch, UTC; flags are 0 or 1; bodies are JSON of
-- the model's types.

CREATE TABLE delivery (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at BIGINT NOT NULL,
    source      TEXT NOT NULL,
    size        BIGINT NOT NULL,
    body        TEXT NOT NULL
);

-- Deliveries up to `applied` are reflected in the episodes.
CREATE TABLE watermark (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    applied  BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
INSERT INTO watermark (only_row, applied, at) VALUES (1, 0, 0);

CREATE TABLE episode (
    fingerprint TEXT NOT NULL,
    started     BIGINT NOT NULL,
    firing      BIGINT NOT NULL,
    last_seen   BIGINT NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (fingerprint, started)
);
CREATE INDEX episode_firing ON episode (last_seen) WHERE firing = 1;
CREATE INDEX episode_last_seen ON episode (last_seen);

CREATE TABLE decision (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    started     BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    policy      TEXT,
    target      TEXT,
    body        TEXT NOT NULL
);
CREATE INDEX decision_episode ON decision (fingerprint, started, id);
CREATE INDEX decision_at ON decision (at);

-- One row per run; UNIQUE is what keeps a policy from acting twice on a target in one episode.
CREATE TABLE run (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy      TEXT NOT NULL,
    target      TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    started     BIGINT NOT NULL,
    begun_at    BIGINT NOT NULL,
    plan        TEXT NOT NULL,
    ended_at    BIGINT,
    outcome     TEXT,
    UNIQUE (policy, target, fingerprint, started),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX run_open ON run (id) WHERE ended_at IS NULL;
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX run_episode ON run (fingerprint, started);
CREATE INDEX run_begun ON run (begun_at);

-- A step's row is its intent; the other columns are what became of it.
CREATE TABLE step (
    run         BIGINT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    step        BIGINT NOT NULL,
    begun_at    BIGINT NOT NULL,
    acted_at    BIGINT,
    act         TEXT,
    verified_at BIGINT,
    verdict     TEXT,
    PRIMARY KEY (run, step)
);
CREATE INDEX step_begun ON step (begun_at);

-- The stop switch: the newest row holds, the older ones tell who used it when.
CREATE TABLE stop_switch (
    id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    paused BIGINT NOT NULL,
    by     TEXT NOT NULL,
    at     BIGINT NOT NULL
);

-- Requests for approval. The request is what was asked, word for word; each group of the other columns is
-- written once, when that happens.
CREATE TABLE approval (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    policy       TEXT NOT NULL,
    target       TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    started      BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    request      TEXT NOT NULL,
    answered_at  BIGINT,
    approved     BIGINT,
    answered_by  TEXT,
    cancelled_at BIGINT,
    why          TEXT,
    used_at      BIGINT,
    run          BIGINT,
    CHECK ((answered_at IS NULL) = (approved IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((cancelled_at IS NULL) = (why IS NULL)),
    CHECK ((used_at IS NULL) = (run IS NULL))
);
-- One request at a time for what a run would be.
CREATE UNIQUE INDEX approval_open ON approval (policy, target, fingerprint, started)
    WHERE cancelled_at IS NULL AND used_at IS NULL AND approved IS DISTINCT FROM 0;
CREATE INDEX approval_expires ON approval (expires_at);

-- Where each policy stands that earns what it may do: JSON of whoever decides.
CREATE TABLE standing (
    policy TEXT PRIMARY KEY,
    body   TEXT NOT NULL,
    at     BIGINT NOT NULL
);

-- The hash chain: a link for every fact, in the order in which they were written. `reference` and `part` are
-- the fact's place (the row's number, and the step's); `digest` is the SHA-256 of what it says, `hash` that of
-- the link before and this one.
CREATE TABLE chain (
    seq       BIGINT PRIMARY KEY,
    kind      TEXT NOT NULL,
    reference BIGINT NOT NULL,
    part      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    digest    BYTEA NOT NULL,
    hash      BYTEA NOT NULL
);
CREATE UNIQUE INDEX chain_fact ON chain (kind, reference, part);

-- The newest link. Every transaction that writes holds this row until it ends, so that numbers are given in
-- the order in which they become visible.
CREATE TABLE chain_head (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    seq      BIGINT NOT NULL,
    hash     BYTEA NOT NULL
);
INSERT INTO chain_head (only_row, seq, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- What retention has dropped: ranges of links whose facts are gone. Facts themselves, so linked as well.
CREATE TABLE pruning (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    dropped TEXT NOT NULL
);

-- The last link that was itself dropped; the chain begins after it. A fact, so linked as well.
CREATE TABLE anchor (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at   BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Which replica leads: the one that holds the advisory lock. Its number rises with each one that takes over.
CREATE TABLE leadership (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    term     BIGINT NOT NULL,
    holder   TEXT NOT NULL,
    at       BIGINT NOT NULL
);
INSERT INTO leadership (only_row, term, holder, at) VALUES (1, 0, '', 0);
