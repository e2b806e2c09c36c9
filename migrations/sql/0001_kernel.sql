-- What every room needs: outbox, inbox, job runs, idempotency, operators' audit trail. Creates only; locks nothing.

-- What must follow from a committed use case. The relay delivers it at least once.
CREATE TABLE outbox (
    id              uuid PRIMARY KEY,
    destination     text NOT NULL CHECK (destination IN ('event', 'robot', 'launch', 'sms')),
    topic           text NOT NULL,
    lane            text NOT NULL,
    payload         jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'unknown', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_error      text,
    created_at      timestamptz NOT NULL,
    delivered_at    timestamptz
);
CREATE INDEX outbox_due ON outbox (destination, next_attempt_at) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (lane, id) WHERE state = 'pending';
CREATE INDEX outbox_done ON outbox (delivered_at) WHERE state <> 'pending';

-- One row per message that came in from a robot transport.
CREATE TABLE inbox_messages (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transport       text NOT NULL,
    message_key     text NOT NULL UNIQUE,
    command         text NOT NULL,
    lane            text NOT NULL,
    body            bytea NOT NULL,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead', 'discarded')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    outcome         text,
    received_at     timestamptz NOT NULL,
    finished_at     timestamptz
);
-- in the order they are handled; without it finding the next one reads every message ever received
CREATE INDEX inbox_due ON inbox_messages (id) WHERE state = 'pending';
CREATE INDEX inbox_lane ON inbox_messages (lane, id) WHERE state = 'pending';
CREATE INDEX inbox_dead ON inbox_messages (id) WHERE state = 'dead';
CREATE INDEX inbox_finished ON inbox_messages (finished_at) WHERE state IN ('done', 'discarded');

-- One row per (job, business date), fenced by a lease.
CREATE TABLE job_runs (
    job           text NOT NULL,
    business_date date NOT NULL,
    state         text NOT NULL CHECK (state IN ('due', 'running', 'done', 'failed', 'skipped')),
    fence         bigint NOT NULL DEFAULT 0,
    lease_until   timestamptz,
    attempts      integer NOT NULL DEFAULT 0,
    result        jsonb,
    error         text,
    created_at    timestamptz NOT NULL,
    started_at    timestamptz,
    finished_at   timestamptz,
    PRIMARY KEY (job, business_date)
);
CREATE INDEX job_runs_open ON job_runs (job, business_date) WHERE state IN ('due', 'running', 'failed');

-- First answers to requests that carry an Idempotency-Key. Kept for ever where money is concerned.
CREATE TABLE idempotency_keys (
    scope        text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    answer       jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE TABLE operators (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'finance', 'support', 'viewer')),
    status        smallint NOT NULL DEFAULT 1 CHECK (status IN (1, 2)),
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- Runs operators asked for; a scheduler takes them.
CREATE TABLE job_requests (
    id             uuid PRIMARY KEY,
    job            text NOT NULL,
    business_date  date NOT NULL,
    dry_run        boolean NOT NULL,
    allow_open_day boolean NOT NULL,
    requested_by   uuid NOT NULL REFERENCES operators,
    requested_at   timestamptz NOT NULL,
    state          text NOT NULL CHECK (state IN ('asked', 'running', 'done', 'failed')),
    fence          bigint NOT NULL DEFAULT 0,
    lease_until    timestamptz,
    result         jsonb,
    error          text,
    finished_at    timestamptz
);
CREATE INDEX job_requests_open ON job_requests (id) WHERE state IN ('asked', 'running');

CREATE TABLE audit_entries (
    id          uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES operators,
    action      text NOT NULL,
    subject     text NOT NULL,
    detail      jsonb NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX audit_entries_at ON audit_entries (at DESC);
CREATE INDEX audit_entries_subject ON audit_entries (subject, at DESC);
