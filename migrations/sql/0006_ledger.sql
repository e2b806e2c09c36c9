-- Double entry. Postings and their lines are partitioned by the date they are booked on.

CREATE TABLE house_accounts (
    account smallint PRIMARY KEY,
    name    text NOT NULL UNIQUE,
    balance numeric(18, 2) NOT NULL DEFAULT 0
);
INSERT INTO house_accounts (account, name) VALUES
    (11, 'settlement_groups'), (12, 'settlement_ads'), (13, 'adoption_fees'), (14, 'red_packets'), (15, 'payouts');

CREATE TABLE ledger_postings (
    id          uuid NOT NULL,
    booked_on   date NOT NULL,
    key         text NOT NULL,
    kind        text NOT NULL,
    user_id     uuid,
    run_id      uuid,
    reverses    uuid,
    reason      text,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (booked_on, id),
    UNIQUE (key, booked_on)
) PARTITION BY RANGE (booked_on);

-- Accounts 1 available and 2 held belong to user_id, those from 11 on to the house.
CREATE TABLE ledger_lines (
    posting_id uuid NOT NULL,
    booked_on  date NOT NULL,
    account    smallint NOT NULL CHECK (account IN (1, 2, 11, 12, 13, 14, 15)),
    user_id    uuid,
    amount     numeric(14, 2) NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (booked_on, posting_id, account),
    CHECK ((account < 10) = (user_id IS NOT NULL))
) PARTITION BY RANGE (booked_on);

-- Keys of postings whose key holds no date, unique over all partitions.
CREATE TABLE ledger_keys (
    key        text PRIMARY KEY,
    posting_id uuid NOT NULL,
    booked_on  date NOT NULL
);

-- One line of a user's statement. amount_type as contracts 9.2; direction 1 income, 2 payment.
CREATE TABLE slips (
    id          uuid NOT NULL,
    user_id     uuid NOT NULL,
    amount_type smallint NOT NULL CHECK (amount_type BETWEEN 1 AND 10),
    direction   smallint NOT NULL CHECK (direction IN (1, 2)),
    amount      numeric(14, 2) NOT NULL CHECK (amount > 0),
    balance     numeric(14, 2) NOT NULL CHECK (balance >= 0),
    settle_date date NOT NULL,
    posting_id  uuid NOT NULL,
    run_id      uuid,
    remark      text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (settle_date, id)
) PARTITION BY RANGE (settle_date);
CREATE UNIQUE INDEX slips_once ON slips (user_id, settle_date, amount_type, posting_id);

-- What the ledger check found, newest last. Payouts stop while the newest is not clean.
CREATE TABLE ledger_checks (
    id         uuid PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    clean      boolean NOT NULL,
    findings   jsonb NOT NULL
);
CREATE INDEX ledger_checks_newest ON ledger_checks (checked_at DESC);
