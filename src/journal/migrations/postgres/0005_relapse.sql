-- That a run which had helped did not for long: when that was seen, and by which episode.
ALTER TABLE run ADD COLUMN relapsed_at BIGINT;
ALTER TABLE run ADD COLUMN relapse     TEXT;
