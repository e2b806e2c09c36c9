//! The books beyond settlement and withdrawals: what operators see of them and do to them.

mod correction;
mod gauge;
mod lock_order;
mod order;
