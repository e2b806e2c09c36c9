-- Comings and goings in groups whose bind is under way: they count once the group is ours. Creates only; locks nothing.

CREATE TABLE early_member_counts (
    group_code text NOT NULL,
    day        date NOT NULL,
    joined     integer NOT NULL DEFAULT 0,
    left_      integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (group_code, day)
);
