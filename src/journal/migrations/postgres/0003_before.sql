-- What was seen just before a step, written with its intent: whoever takes up its run proves its effect against it.
-- A fact of its own, so that the links of steps which are there already still say what they said.
ALTER TABLE step ADD COLUMN seen_at BIGINT;
ALTER TABLE step ADD COLUMN seen    TEXT;
