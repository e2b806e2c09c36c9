//! The edge: envelope, errors, who is calling, limits. Handlers extract, call one service, and wrap its answer.

pub mod acceptor;
pub mod access;
pub mod allow;
pub mod auth;
pub mod body;
pub mod chat_code;
pub mod codes;
pub mod decimal;
pub mod detached;
pub mod envelope;
pub mod error;
pub mod export;
pub mod header_deadline;
pub mod limit;
pub mod list;
pub mod names;
pub mod nul;
pub mod paging;
pub mod parameters;
pub mod reason;
pub mod signed;
pub mod subjects;
