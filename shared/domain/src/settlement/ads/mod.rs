//! Ad revenue as it comes in: one batch a date from the partner, supplementary ones from operators. Kept whole, and
//! settled, each by a run of its own, when the date has ended. Until then a batch can be voided.

mod accept;
mod limits;
mod supplement;
mod void;

pub use super::model::Revenue;
pub use super::repo::batch_list::{AdBatch, BatchColumn, BatchFilter, BatchSource, BatchState, by_id, list};
pub use super::repo::batch_rows::{BatchRow, list_rows};
pub use super::repo::batches::{WaitingBatch, batches_of, waiting};
pub use accept::{Acceptance, accept};
pub use supplement::{Supplement, Supplemented, supplement};
pub use void::void;
