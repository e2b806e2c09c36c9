//! Withdrawals and their payouts.
