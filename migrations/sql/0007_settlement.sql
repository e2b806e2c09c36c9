-- Settlement runs, their inputs, lines and movements.

CREATE TABLE ad_batches (
    id          uuid PRIMARY KEY,
    settle_date date NOT NULL,
    batch_no    integer NOT NULL CHECK (batch_no >= 0),
    source      text NOT NULL,
    accepted    integer NOT NULL,
    unknown     jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    UNIQUE (settle_date, batch_no)
);
CREATE TABLE ad_revenues (
    batch_id   uuid NOT NULL,
    group_code text NOT NULL,
    group_id   uuid,
    amount     numeric(14, 4) NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (batch_id, group_code)
);

-- batch_no is 0 but for supplementary ads batches.
CREATE TABLE settlement_runs (
    id            uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('groups', 'ads')),
    settle_date   date NOT NULL,
    batch_no      integer NOT NULL DEFAULT 0,
    rates_version integer NOT NULL REFERENCES settlement_rates,
    group_count   integer NOT NULL,
    slip_count    integer NOT NULL,
    total         numeric(18, 2) NOT NULL,
    timings       jsonb NOT NULL,
    settled_at    timestamptz NOT NULL,
    UNIQUE (settle_date, kind, batch_no)
);

-- The few distinct inputs of a run, and the shares the rule made of each.
CREATE TABLE settlement_inputs (
    run_id             uuid NOT NULL REFERENCES settlement_runs DEFERRABLE INITIALLY DEFERRED,
    input_no           integer NOT NULL,
    basis              jsonb NOT NULL,
    user_share         numeric(20, 6) NOT NULL CHECK (user_share >= 0),
    master_share       numeric(20, 6) NOT NULL CHECK (master_share >= 0),
    grand_master_share numeric(20, 6) NOT NULL CHECK (grand_master_share >= 0),
    PRIMARY KEY (run_id, input_no)
);

-- Who stood above each importer when the run started, and what their groups made together.
CREATE TABLE settlement_importers (
    run_id             uuid NOT NULL,
    settle_date        date NOT NULL,
    user_id            uuid NOT NULL,
    master_id          uuid,
    grand_master_id    uuid,
    user_share         numeric(20, 6) NOT NULL,
    master_share       numeric(20, 6) NOT NULL,
    grand_master_share numeric(20, 6) NOT NULL,
    PRIMARY KEY (settle_date, run_id, user_id)
) PARTITION BY RANGE (settle_date);
CREATE INDEX settlement_importers_master ON settlement_importers (master_id, run_id) WHERE master_id IS NOT NULL;
CREATE INDEX settlement_importers_grand_master ON settlement_importers (grand_master_id, run_id) WHERE grand_master_id IS NOT NULL;

-- One wide row a group: three shares, kept as the explanation of every slip.
CREATE TABLE settlement_lines (
    run_id             uuid NOT NULL,
    settle_date        date NOT NULL,
    group_id           uuid NOT NULL,
    user_id            uuid NOT NULL,
    input_no           integer NOT NULL,
    user_share         numeric(20, 6) NOT NULL,
    master_share       numeric(20, 6) NOT NULL,
    grand_master_share numeric(20, 6) NOT NULL,
    PRIMARY KEY (settle_date, run_id, user_id, group_id)
) PARTITION BY RANGE (settle_date);

-- before + sum = amount + after, for every (beneficiary, amount type) a run touched.
CREATE TABLE settlement_movements (
    run_id        uuid NOT NULL,
    settle_date   date NOT NULL,
    user_id       uuid NOT NULL,
    amount_type   smallint NOT NULL CHECK (amount_type BETWEEN 1 AND 4),
    before        numeric(8, 6) NOT NULL,
    sum           numeric(20, 6) NOT NULL,
    amount        numeric(14, 2) NOT NULL,
    after         numeric(8, 6) NOT NULL,
    PRIMARY KEY (settle_date, run_id, user_id, amount_type),
    CHECK (before + sum = amount + after)
) PARTITION BY RANGE (settle_date);
