//! Every query of the room, by theme.

pub(super) mod batch_limits;
pub(super) mod batch_list;
pub(super) mod batches;
pub(super) mod explanations;
pub(super) mod income;
pub(super) mod rates;
pub(super) mod replay;
pub(super) mod reversal;
pub(super) mod run;
pub(super) mod runs;
pub(super) mod search;
pub(super) mod stays;
pub(super) mod templates;
