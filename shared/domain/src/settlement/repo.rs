//! Every query of the room, by theme.

pub(super) mod batch_limits;
pub(super) mod batch_list;
pub(super) mod batch_rows;
pub(super) mod batches;
pub(super) mod earnings;
pub(super) mod explanations;
pub(super) mod income;
pub(super) mod rates;
pub(super) mod replay;
pub(super) mod reversal;
pub(super) mod rules;
pub(super) mod run;
pub(super) mod run_rows;
pub(super) mod runs;
pub(super) mod search;
pub(super) mod stays;
pub(super) mod templates;

/// Everything of this room that makes temporary tables begins with it: PostgreSQL refuses another size to a connection that
/// has had such a table before, and connections are shared.
const TEMPORARY_TABLES: &str = "SET LOCAL temp_buffers = '256MB'";
