//! What runs more often than daily: loops with a metric and no `job_run`, each also runnable by hand.

pub mod pay_withdrawals;
