-- Withdrawals and their payouts.

CREATE TABLE withdrawals (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users,
    amount          numeric(14, 2) NOT NULL CHECK (amount > 0),
    state           text NOT NULL CHECK (state IN
                    ('requested', 'approved', 'rejected', 'submitting', 'accepted', 'wait_user_confirm', 'unknown', 'paid', 'failed')),
    -- the merchant bill number, fixed before the first call
    bill_no         text NOT NULL UNIQUE,
    -- the receiver, fixed with the number: a repeated call has the same parameters
    open_id         text NOT NULL,
    requested_on    date NOT NULL,
    reason          text,
    package_info    text,
    connector       text,
    partner_state   text,
    -- why a person has to look
    alert           text,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    submitted_at    timestamptz,
    finished_at     timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX withdrawals_once_a_day ON withdrawals (user_id, requested_on) WHERE state NOT IN ('rejected', 'failed');
CREATE INDEX withdrawals_user ON withdrawals (user_id, created_at DESC);
CREATE INDEX withdrawals_state ON withdrawals (state, created_at);
CREATE INDEX withdrawals_finished ON withdrawals (finished_at DESC) WHERE state IN ('paid', 'failed');
CREATE INDEX withdrawals_submitted ON withdrawals (submitted_at) WHERE submitted_at IS NOT NULL;
CREATE INDEX withdrawals_due ON withdrawals (next_attempt_at) WHERE state IN ('approved', 'submitting', 'accepted', 'wait_user_confirm', 'unknown');

CREATE TABLE withdrawal_reviews (
    withdrawal_id uuid NOT NULL REFERENCES withdrawals,
    operator_id   uuid NOT NULL REFERENCES operators,
    decision      text NOT NULL CHECK (decision IN ('approve', 'reject')),
    reason        text NOT NULL DEFAULT '',
    reviewed_at   timestamptz NOT NULL,
    PRIMARY KEY (withdrawal_id, operator_id)
);

-- One row: whether payouts run, and if not, why.
CREATE TABLE payout_switch (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused     boolean NOT NULL DEFAULT false,
    reason     text NOT NULL DEFAULT '',
    changed_by text NOT NULL DEFAULT '',
    changed_at timestamptz
);
INSERT INTO payout_switch DEFAULT VALUES;
