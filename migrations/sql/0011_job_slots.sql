-- Jobs that become due several times a day: one run per (job, business date, slot). Locks job_runs for a moment. A
-- scheduler of the version before makes nothing due from here on until it is replaced; the new one catches up.

ALTER TABLE job_runs ADD COLUMN slot smallint NOT NULL DEFAULT 1 CHECK (slot >= 1);
ALTER TABLE job_runs DROP CONSTRAINT job_runs_pkey, ADD PRIMARY KEY (job, business_date, slot);
DROP INDEX job_runs_open;
CREATE INDEX job_runs_open ON job_runs (job, business_date, slot) WHERE state IN ('due', 'running', 'failed');
