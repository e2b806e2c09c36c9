-- The ledger check joins every reversal of a run to its key by the posting; without an index it reads the keys whole.
-- Holds reversals only, so other postings write nothing to it. Reads ledger_keys once and keeps posts waiting meanwhile.
CREATE INDEX ledger_keys_reversals ON ledger_keys (posting_id) WHERE key LIKE 'reversal:%';
