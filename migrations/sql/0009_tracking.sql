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
    reported   boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, group_code)
);
