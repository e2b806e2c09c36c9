-- What details of groups, runs and slips show. Adds nullable columns without a default, which rewrites nothing, and an
-- index on the entries of the clean-up, some thousands a night; the locks are held for a moment only.

-- Which of its days a group was settled for, from 1. Null in lines of ads, and in those from before.
ALTER TABLE settlement_lines ADD COLUMN settle_day smallint;

-- What a run came to for importers, and for those above them. Null in runs from before.
ALTER TABLE settlement_runs
    ADD COLUMN own_slips       integer,
    ADD COLUMN own_total       numeric(18, 2),
    ADD COLUMN disciples_slips integer,
    ADD COLUMN disciples_total numeric(18, 2);

-- A group's detail names the plans it stood in.
CREATE INDEX cleanup_entries_group ON cleanup_entries (group_id);
