//! What fires, since when, what the scores say, what was done: as text, Markdown or JSON.
