-- Chat networks are plural: robots and messages say which they belong to. All there is so far is the gateway's, and so is
-- what the version before writes while it still runs. Codes are unique across networks as they are: every network but the
-- gateway has its name and a colon before them.
-- Adds columns with a constant default, for which PostgreSQL rewrites nothing; the locks are held for a moment only.
-- Checking the few robots takes no time.

ALTER TABLE robots ADD COLUMN network text NOT NULL DEFAULT 'gateway';
ALTER TABLE robots ADD CONSTRAINT robots_code_of_network
    CHECK (network = 'gateway' OR starts_with(code, network || ':'));

-- `transport` was the only transport's name. It goes one version after the last program that reads it.
ALTER TABLE inbox_messages ADD COLUMN network text NOT NULL DEFAULT 'gateway';
ALTER TABLE inbox_messages ALTER COLUMN transport SET DEFAULT 'gateway';
