//! Double entry: postings, balances, slips, and the check that proves them.
//!
//! A posting has a unique business key and lines that sum to zero. Nothing is updated or deleted: a correction is a new
//! posting that names the one it reverses, or one that an operator books by hand. A user's accounts cannot go below zero; the schema sees to that.

pub mod books;
pub mod check;
pub mod correction;
mod correction_repo;
pub(crate) mod entity;
pub mod fees;
pub mod model;
mod repo;
pub mod service;
pub mod statement;
