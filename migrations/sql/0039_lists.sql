-- Indexes for the orders and dates of operators' lists. Each takes a lock against writes of its table while it is built:
-- seconds for the largest, groups and users.
--
-- What has none, and why: members and launch switches of groups change with every event, and an index would make each of these updates
-- dearer; a list by them reads the table. Postings, lines and slips are written by the million, and are found by
-- date, run and wallet, by the keys they have. The outbox is found by its order of writing; what was delivered is deleted
-- after days.

-- One for the order and for what a name begins with: the order of the signs' numbers serves both.
DROP INDEX users_nickname;
CREATE INDEX users_nickname ON users (nickname COLLATE "C", id);

CREATE INDEX groups_bound ON groups (bound_at, id);

CREATE INDEX withdrawals_created ON withdrawals (created_at, id);
CREATE INDEX withdrawals_amount ON withdrawals (amount, id);
-- What has not ended comes last.
CREATE INDEX withdrawals_ended ON withdrawals (finished_at DESC NULLS LAST, id DESC);

CREATE INDEX corrections_created ON corrections (created_at, id);
CREATE INDEX corrections_user ON corrections (user_id, created_at);

CREATE INDEX outbox_undelivered ON outbox (seq) WHERE state IN ('failed', 'unknown');

CREATE INDEX audit_entries_operator ON audit_entries (operator_id, at DESC);
CREATE INDEX audit_entries_action ON audit_entries (action, at DESC);
