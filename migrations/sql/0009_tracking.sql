-- What users did per business day, and ad tasks of the delivery system.

CREATE TABLE activity_records (
    user_id           uuid NOT NULL REFERENCES users,
    day               date NOT NULL,
    access_web_counts integer NOT NULL DEFAULT 0,
    chat_counts       integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day)
);

CREATE TABLE delivery_tasks (
    task_id     text PRIMARY KEY,
    task_type   smallint NOT NULL CHECK (task_type IN (1, 2)),
    content     jsonb NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE TABLE delivery_results (
    task_id    text NOT NULL REFERENCES delivery_tasks,
    group_code text NOT NULL,
    user_id    uuid,
    state      text NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    -- why not
    reason     text,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, group_code)
);

-- What is on its way to a group. Gone once the group's result is known, which is reported in the same transaction.
CREATE TABLE delivery_items (
    message_id uuid PRIMARY KEY,
    task_id    text NOT NULL,
    group_code text NOT NULL,
    FOREIGN KEY (task_id, group_code) REFERENCES delivery_results
);
CREATE INDEX delivery_items_group ON delivery_items (task_id, group_code);
