//! The statements of a run, in their order.

pub(in crate::settlement) mod books;
pub(in crate::settlement) mod cases;
mod columns;
pub(in crate::settlement) mod progress;
pub(in crate::settlement) mod sums;
