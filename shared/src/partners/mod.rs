//! Clients of systems we do not own, one file each.
