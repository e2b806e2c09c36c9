//! Groups with a living gateway: bound, rated, cleaned up, unbound, reconciled.

mod cleanup;
mod history;
mod life;
mod reconciliation;
