-- When a withdrawal was approved, for the times that users and operators see. Adds a nullable column; locks withdrawals
-- for a moment, and rewrites those that were approved.
ALTER TABLE withdrawals ADD COLUMN approved_at timestamptz;

UPDATE withdrawals AS w SET approved_at = decided.at
FROM (SELECT withdrawal_id, max(reviewed_at) AS at FROM withdrawal_reviews WHERE decision = 'approve' GROUP BY withdrawal_id) AS decided
WHERE decided.withdrawal_id = w.id AND w.state NOT IN ('requested', 'rejected');
