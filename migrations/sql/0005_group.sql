-- Groups and what happens to them.

CREATE TABLE groups (
    id              uuid PRIMARY KEY,
    code            text NOT NULL CHECK (length(code) BETWEEN 1 AND 255),
    name            text NOT NULL,
    user_id         uuid NOT NULL REFERENCES users,
    robot_id        uuid REFERENCES robots,
    owner_user_code text,
    member_count    integer CHECK (member_count >= 0),
    status          smallint NOT NULL DEFAULT 1 CHECK (status IN (1, 2, 3)),
    running_status  smallint NOT NULL DEFAULT 1 CHECK (running_status IN (1, 2)),
    star            smallint CHECK (star BETWEEN 1 AND 5),
    star_state      smallint,
    old_group       boolean NOT NULL DEFAULT false,
    repeat_rate     numeric(7, 6) CHECK (repeat_rate >= 0 AND repeat_rate <= 1),
    template_id     uuid NOT NULL REFERENCES profit_templates,
    launch_switch   boolean NOT NULL DEFAULT true,
    robot_nickname  text,
    cancel_reason   smallint CHECK (cancel_reason BETWEEN 1 AND 7),
    -- the last night the gateway did not list the group, until it does again
    missing_on      date,
    bound_at        timestamptz NOT NULL,
    cancelled_at    timestamptz,
    updated_at      timestamptz NOT NULL,
    CHECK ((status = 3) = (cancelled_at IS NOT NULL))
) WITH (fillfactor = 90);
-- What lives is told by `cancelled_at`, not by `status`: so no index knows the status, and a run that settles many groups
-- out changes rows in place without touching one.
CREATE UNIQUE INDEX groups_active_code ON groups (code) WHERE cancelled_at IS NULL;
CREATE INDEX groups_code ON groups (code, bound_at DESC);
CREATE INDEX groups_user ON groups (user_id, bound_at DESC);
CREATE INDEX groups_robot ON groups (robot_id) WHERE cancelled_at IS NULL;
CREATE INDEX groups_star ON groups (star, bound_at) WHERE cancelled_at IS NULL AND (star IS NULL OR star <= 2);

-- Days a group has been settled. Apart from `groups` because a run touches every eligible group once.
CREATE TABLE group_settle_counts (
    group_id     uuid PRIMARY KEY REFERENCES groups,
    settle_count smallint NOT NULL CHECK (settle_count >= 0)
) WITH (fillfactor = 50);

CREATE TABLE star_changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id   uuid NOT NULL REFERENCES groups,
    changed_at timestamptz NOT NULL,
    star       smallint NOT NULL CHECK (star BETWEEN 1 AND 5),
    state      smallint NOT NULL
);
CREATE INDEX star_changes_group ON star_changes (group_id, id);

CREATE TABLE group_members (
    group_id  uuid NOT NULL REFERENCES groups,
    user_code text NOT NULL,
    is_owner  boolean NOT NULL,
    PRIMARY KEY (group_id, user_code)
);

-- A robot was pulled into a group: the gateway has been asked to bind it, or the puller is not known yet; `bound` when
-- the gateway bound it while the puller was not known.
CREATE TABLE pending_binds (
    group_code text PRIMARY KEY,
    robot_id   uuid NOT NULL REFERENCES robots,
    robot_code text NOT NULL,
    user_code  text NOT NULL,
    name       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting_for_user', 'asked', 'bound')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX pending_binds_user ON pending_binds (user_code);
CREATE INDEX pending_binds_robot ON pending_binds (robot_id, expires_at) WHERE state = 'asked';

-- unbind_group_success that overtook its bind_group_success.
CREATE TABLE unbind_tombstones (
    group_code text NOT NULL,
    robot_code text NOT NULL,
    reason     smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (group_code, robot_code)
);

-- The gateway has been asked to unbind a group of ours; gone once it did.
CREATE TABLE unbind_requests (
    group_id uuid PRIMARY KEY REFERENCES groups,
    reason   smallint NOT NULL CHECK (reason BETWEEN 1 AND 7),
    asked_at timestamptz NOT NULL
);
CREATE INDEX unbind_requests_asked ON unbind_requests (asked_at);

-- Unbindings we asked for that end no stay: of a second robot in an occupied group, or of a stay booked as over already.
CREATE TABLE expected_unbinds (
    group_code text NOT NULL,
    robot_code text NOT NULL,
    asked_at   timestamptz NOT NULL,
    PRIMARY KEY (group_code, robot_code)
);

-- Notices that must not repeat within their window.
CREATE TABLE notice_throttles (
    key        text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE TABLE group_day_counts (
    group_id uuid NOT NULL REFERENCES groups,
    day      date NOT NULL,
    joined   integer NOT NULL DEFAULT 0,
    left_    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, day)
);

CREATE TABLE group_messages (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id   uuid NOT NULL REFERENCES groups,
    user_code  text NOT NULL,
    message_no text NOT NULL,
    body       jsonb NOT NULL,
    sent_at    timestamptz NOT NULL,
    UNIQUE (group_id, message_no)
);

-- Groups BI saw no ad clicks in: the day's last list, whole.
CREATE TABLE no_click_lists (
    day         date PRIMARY KEY,
    group_codes text[] NOT NULL,
    received_at timestamptz NOT NULL
);

-- The clean-up is planned, looked at, and then carried out.
CREATE TABLE cleanup_plans (
    id             uuid PRIMARY KEY,
    business_date  date NOT NULL UNIQUE,
    state          text NOT NULL CHECK (state IN ('planned', 'carried_out')),
    planned_at     timestamptz NOT NULL,
    carried_out_at timestamptz
);
CREATE TABLE cleanup_entries (
    plan_id        uuid NOT NULL REFERENCES cleanup_plans,
    group_id       uuid NOT NULL REFERENCES groups,
    step           text NOT NULL CHECK (step IN ('illegal_name', 'delivery_off', 'no_click', 'few_members', 'oldest_one_star', 'oldest_two_star')),
    cancel_reason  smallint NOT NULL,
    held_by        uuid REFERENCES operators,
    held_reason    text,
    carried_out_at timestamptz,
    -- asked: the gateway was asked to unbind it; lapsed: it was gone or rated otherwise by then
    outcome        text CHECK (outcome IN ('asked', 'lapsed')),
    PRIMARY KEY (plan_id, group_id),
    CHECK ((outcome IS NULL) = (carried_out_at IS NULL))
);
