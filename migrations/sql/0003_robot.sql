-- Robots, their counters per business day, and who knows which robot.

CREATE TABLE robots (
    id               uuid PRIMARY KEY,
    code             text NOT NULL UNIQUE,
    name             text NOT NULL,
    wechat_no        text NOT NULL DEFAULT '',
    head_url         text NOT NULL DEFAULT '',
    qr_code          text NOT NULL DEFAULT '',
    channel          text,
    count_threshold  integer NOT NULL DEFAULT 30 CHECK (count_threshold >= 0),
    count_distribute integer NOT NULL DEFAULT 0 CHECK (count_distribute >= 0),
    status           smallint NOT NULL DEFAULT 1 CHECK (status IN (1, 2, 3, 5)),
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);

-- The truth behind the four Redis keys. remaining = overage - activations.
CREATE TABLE robot_days (
    robot_id       uuid NOT NULL REFERENCES robots,
    day            date NOT NULL,
    overage        integer NOT NULL CHECK (overage >= 0),
    display_limit  integer NOT NULL CHECK (display_limit >= 0),
    displays       integer NOT NULL DEFAULT 0 CHECK (displays >= 0 AND displays <= display_limit),
    activations    integer NOT NULL DEFAULT 0 CHECK (activations >= 0),
    removed_reason text,
    PRIMARY KEY (robot_id, day)
);
CREATE INDEX robot_days_open ON robot_days (day, robot_id) WHERE removed_reason IS NULL;

-- A display counts once per robot, day and visitor.
CREATE TABLE robot_displays (
    robot_id uuid NOT NULL REFERENCES robots,
    day      date NOT NULL,
    union_id text NOT NULL,
    PRIMARY KEY (robot_id, day, union_id)
);

CREATE TABLE friendships (
    robot_id      uuid NOT NULL REFERENCES robots,
    user_id       uuid NOT NULL REFERENCES users,
    fee_collected boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (robot_id, user_id)
);
CREATE INDEX friendships_user ON friendships (user_id, created_at DESC);
CREATE INDEX friendships_fee_due ON friendships (user_id) WHERE NOT fee_collected;

CREATE TABLE robot_distributions (
    robot_id   uuid NOT NULL REFERENCES robots,
    user_id    uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (robot_id, user_id)
);
CREATE INDEX robot_distributions_user ON robot_distributions (user_id, created_at DESC);

-- The robot a visitor was shown before they had an account, and who sent them.
CREATE TABLE robot_accesses (
    union_id        text PRIMARY KEY,
    open_id         text NOT NULL,
    robot_id        uuid NOT NULL REFERENCES robots,
    sharing_user_id uuid REFERENCES users,
    channel         text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL
);

-- A blocked robot and the users whose groups it took down with it, told once a companion is known.
CREATE TABLE robot_incidents (
    robot_id   uuid NOT NULL REFERENCES robots,
    user_id    uuid NOT NULL REFERENCES users,
    group_ids  uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    told_at    timestamptz,
    PRIMARY KEY (robot_id, user_id)
);

-- Newest event seen per robot, so that an older "blocked" cannot undo a newer replacement.
CREATE TABLE robot_replacements (
    robot_id    uuid NOT NULL REFERENCES robots,
    qr_code     text NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (robot_id, qr_code)
);
