-- What a dated job owes is its calendar minus what has been done, whatever ran by hand in between. Adds a table and a
-- column; locks job_runs for a moment. A scheduler of the version before goes on as it did.

-- From this slot on a job owes every slot. Written when a scheduler first sees the job, so that a new one owes no past.
CREATE TABLE job_calendars (
    job        text PRIMARY KEY,
    first_date date NOT NULL,
    first_slot smallint NOT NULL CHECK (first_slot >= 1),
    -- how many slots a day the job has had since then
    slots      smallint NOT NULL CHECK (slots >= 1),
    created_at timestamptz NOT NULL
);

-- How the slot stood before a run by hand: should that fail, it stands so again, and nothing waits for it.
ALTER TABLE job_runs ADD COLUMN state_before text CHECK (state_before IN ('done', 'skipped'));
