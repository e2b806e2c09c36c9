//! The HTTP binary.
