//! Withdrawals and their payouts.
//!
//! A request moves the amount from available to held; it leaves held exactly once, to the house's payouts when it was
//! paid or back to available when it was rejected or failed. The merchant bill number and the receiver are fixed with
//! the request, so that every call about a withdrawal is about the same transfer. No partner is called inside a
//! transaction; what nobody knows is queried until somebody does, and only a queried failure gives money back.

mod answers;
pub(crate) mod entity;
mod listing;
pub mod model;
mod notify;
mod paying;
mod querying;
mod reconciliation;
mod repo;
mod request;
mod review;
pub mod service;
mod switch;
mod view;
