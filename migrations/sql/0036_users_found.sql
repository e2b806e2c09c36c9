-- Operators look for users by the beginning of their name and by channel. Adds indexes; users cannot be written to while
-- they are built, some seconds a million rows.
CREATE INDEX users_nickname ON users (nickname text_pattern_ops);
CREATE INDEX users_channel ON users (channel, created_at);
