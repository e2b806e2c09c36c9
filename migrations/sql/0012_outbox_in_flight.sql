-- Whether a message is being carried: set when it is claimed, cleared when its fate is noted. Found set at the next claim,
-- it may have arrived. Adds a column with a constant default; locks the outbox for a moment.

ALTER TABLE outbox ADD COLUMN in_flight boolean NOT NULL DEFAULT false;
