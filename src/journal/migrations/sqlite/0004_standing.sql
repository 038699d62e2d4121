-- Where each policy stands that earns what it may do: JSON of whoever decides.
CREATE TABLE standing (
    policy TEXT PRIMARY KEY,
    body   TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
