-- Budgets count the runs begun in a window each time one is about to begin.
CREATE INDEX run_begun ON run (begun_at);
