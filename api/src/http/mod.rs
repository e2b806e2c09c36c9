//! The edge: envelope, errors, who is calling, limits. Handlers extract, call one use case, and wrap its answer.

pub mod acceptor;
pub mod auth;
pub mod body;
pub mod bounded_list;
pub mod chat_code;
pub mod codes;
pub mod decimal;
pub mod detached;
pub mod envelope;
pub mod error;
pub mod export;
pub mod header_deadline;
pub mod limit;
pub mod method_not_allowed;
pub mod nul;
pub mod paging;
pub mod parameters;
pub mod path_names;
pub mod reason;
pub mod request_log;
pub mod signed;
pub mod subject_cache;
