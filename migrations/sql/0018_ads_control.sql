-- Ads batches: who entered them, what they hold, by which rule they found their groups, whether they still count. Runs that
-- were taken back. Locks ad_batches for a moment; it has a row or two a day.

ALTER TABLE ad_batches
    -- the operator who entered it; null for the partner's
    ADD COLUMN entered_by  uuid REFERENCES operators,
    -- yuan of all its rows, and of those that are paid; null in batches from before
    ADD COLUMN total       numeric(18, 4),
    ADD COLUMN revenue     numeric(18, 4),
    -- 1: the newest stay that was not over by the date; 2: the first such stay
    ADD COLUMN stay_rule   smallint NOT NULL DEFAULT 1,
    ADD COLUMN voided_at   timestamptz,
    ADD COLUMN voided_by   uuid REFERENCES operators,
    ADD COLUMN void_reason text,
    ADD CONSTRAINT ad_batches_voided CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL));
-- The partner hands in a date once, and once more only when what came first was voided.
CREATE UNIQUE INDEX ad_batches_of_partner ON ad_batches (settle_date) WHERE source = 'partner' AND voided_at IS NULL;
CREATE INDEX ad_batches_entered ON ad_batches (entered_by, received_at) WHERE entered_by IS NOT NULL;

-- A run that was taken back.
CREATE TABLE run_reversals (
    run_id      uuid PRIMARY KEY REFERENCES settlement_runs,
    reversed_by uuid NOT NULL REFERENCES operators,
    reason      text NOT NULL,
    reversed_at timestamptz NOT NULL
);

-- What that took from each (beneficiary, amount type): before - sum = after - amount. Wallets that had not enough have none.
CREATE TABLE run_reversal_movements (
    run_id      uuid NOT NULL REFERENCES run_reversals,
    user_id     uuid NOT NULL,
    amount_type smallint NOT NULL CHECK (amount_type IN (2, 4)),
    before      numeric(8, 6) NOT NULL,
    sum         numeric(20, 6) NOT NULL,
    amount      numeric(14, 2) NOT NULL CHECK (amount >= 0),
    after       numeric(8, 6) NOT NULL,
    -- null where less than a fen was taken
    posting_id  uuid,
    reversed_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, user_id, amount_type),
    CHECK (before - sum = after - amount),
    CHECK ((amount > 0) = (posting_id IS NOT NULL))
);
