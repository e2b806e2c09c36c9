//! Clients of systems we do not own, one file each.

pub mod gateway;
