-- The end of a silence that a step created: the intent to lift it, and what became of that.
ALTER TABLE step ADD COLUMN lift_at   BIGINT;
ALTER TABLE step ADD COLUMN lifted_at BIGINT;
ALTER TABLE step ADD COLUMN lifted    TEXT;
