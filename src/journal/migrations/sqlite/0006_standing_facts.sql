-- Where policies stand, change by change: the newest row of each holds. A fact, so linked. What stood before this
-- migration becomes a fact when the journal is opened; the table that it was in is then empty.
ALTER TABLE standing RENAME TO standing_before;
CREATE TABLE standing (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    policy TEXT NOT NULL,
    body   TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX standing_policy ON standing (policy, id);
