-- Users, their referral tree and their wallets.

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    code            text UNIQUE CHECK (length(code) BETWEEN 1 AND 255),
    union_id        text UNIQUE,
    open_id         text UNIQUE,
    nickname        text NOT NULL DEFAULT '',
    head_url        text NOT NULL DEFAULT '',
    phone           text UNIQUE CHECK (phone ~ '^1[3-9][0-9]{9}$'),
    channel         text,
    status          smallint NOT NULL DEFAULT 1 CHECK (status IN (1, 2, 3)),
    -- name and number of the ID card, encrypted
    identity_card   bytea,
    has_imported    boolean NOT NULL DEFAULT false,
    has_apprentice  boolean NOT NULL DEFAULT false,
    agreed_protocol boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);
CREATE INDEX users_created ON users (created_at, id);

-- One row per user: who invited them. The grand-master is the master's master.
CREATE TABLE referrals (
    user_id    uuid PRIMARY KEY REFERENCES users,
    master_id  uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    CHECK (user_id <> master_id)
);
CREATE INDEX referrals_master ON referrals (master_id) WHERE master_id IS NOT NULL;

-- A user's wallet: the balances of the ledger accounts `available` and `held`, the income total, and the fractions of
-- a fen carried to the next slip of each amount type. Half the page stays free so that a run's updates stay on it.
CREATE TABLE accounts (
    user_id                 uuid PRIMARY KEY REFERENCES users,
    available               numeric(14, 2) NOT NULL DEFAULT 0 CHECK (available >= 0),
    held                    numeric(14, 2) NOT NULL DEFAULT 0 CHECK (held >= 0),
    income                  numeric(14, 2) NOT NULL DEFAULT 0 CHECK (income >= 0),
    carried_groups          numeric(8, 6) NOT NULL DEFAULT 0 CHECK (carried_groups >= 0 AND carried_groups < 0.01),
    carried_ads             numeric(8, 6) NOT NULL DEFAULT 0 CHECK (carried_ads >= 0 AND carried_ads < 0.01),
    carried_disciple_groups numeric(8, 6) NOT NULL DEFAULT 0 CHECK (carried_disciple_groups >= 0 AND carried_disciple_groups < 0.01),
    carried_disciple_ads    numeric(8, 6) NOT NULL DEFAULT 0 CHECK (carried_disciple_ads >= 0 AND carried_disciple_ads < 0.01)
) WITH (fillfactor = 50);
