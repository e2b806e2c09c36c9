//! Double entry: postings, balances, slips, and the check that proves them.
