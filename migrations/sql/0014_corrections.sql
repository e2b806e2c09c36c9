-- Corrections that operators book, and who agreed. Creates only; locks nothing.

CREATE TABLE corrections (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users,
    account     smallint NOT NULL REFERENCES house_accounts,
    amount      numeric(14, 2) NOT NULL CHECK (amount <> 0),
    reason      text NOT NULL,
    state       text NOT NULL CHECK (state IN ('proposed', 'booked', 'dropped')),
    proposed_by uuid NOT NULL REFERENCES operators,
    decided_by  uuid REFERENCES operators,
    posting_id  uuid,
    created_at  timestamptz NOT NULL,
    decided_at  timestamptz,
    CHECK ((state = 'booked') = (posting_id IS NOT NULL)),
    CHECK ((state = 'proposed') = (decided_by IS NULL))
);
CREATE INDEX corrections_open ON corrections (id) WHERE state = 'proposed';
