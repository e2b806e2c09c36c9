-- How many bytes a message had, where only its beginning is kept because it was too large or PostgreSQL refused it whole.
-- Adds a column without a default; locks the inbox for a moment.

ALTER TABLE inbox_messages ADD COLUMN full_size bigint;
