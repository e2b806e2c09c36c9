//! The dated jobs, one file each.
