-- Secrets do not lie in the outbox as they are, and a link joins once. Adds a nullable column; locks the outbox for a
-- moment.

-- The whole payload of a message with secrets, which payload shows masked: a byte 1, the number of the data key (two
-- bytes), a nonce (12 bytes), AES-256-GCM bound to 'outbox|sealed|id'.
ALTER TABLE outbox ADD COLUMN sealed bytea;

-- Links that joined a WeChat account with the user a robot knows; each does so once.
CREATE TABLE link_token_uses (
    token_id uuid PRIMARY KEY,
    -- the joined user
    user_id  uuid NOT NULL REFERENCES users,
    used_at  timestamptz NOT NULL
);
CREATE INDEX link_token_uses_used_at ON link_token_uses (used_at);
CREATE INDEX link_token_uses_user ON link_token_uses (user_id);
