-- The hash chain: a link for every fact, in the order in which they were written. `reference` and `part` are
-- the fact's place (the row's number, and the step's); `digest` is the SHA-256 of what it says, `hash` that of
-- the link before and this one. What was there before this migration is linked in when the file is opened.
CREATE TABLE chain (
    seq       INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    reference INTEGER NOT NULL,
    part      INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    hash      BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chain_fact ON chain (kind, reference, part);

-- The newest link, so that one that is cut off at the end is missed.
CREATE TABLE chain_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seq      INTEGER NOT NULL,
    hash     BLOB NOT NULL
) STRICT;

-- What retention has dropped: ranges of links whose facts are gone. Facts themselves, so linked as well.
CREATE TABLE pruning (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    dropped TEXT NOT NULL
) STRICT;

-- The last link that was itself dropped; the chain begins after it. A fact, so linked as well.
CREATE TABLE anchor (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
