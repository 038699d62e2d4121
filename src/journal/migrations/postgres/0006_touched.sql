-- What each run touches, the target included: an index over the plans of runs, so no fact and not linked. What is
-- missing here is taken from the plans when the journal is opened.
CREATE TABLE touched (
    object TEXT NOT NULL,
    run    BIGINT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    PRIMARY KEY (object, run)
);
CREATE INDEX touched_run ON touched (run);
