//! Ad revenue as it comes in: one batch a date from the partner, supplementary ones from operators. Kept whole, and
//! settled, each by a run of its own, when the date has ended. Until then a batch can be voided.

mod accept;
mod limits;
mod revenue;
mod rows;
pub(super) mod stay;
mod supplement;
mod void;

pub use accept::{Acceptance, accept};
pub use revenue::Revenue;
pub use rows::{Waiting, batches_of, waiting};
pub use supplement::{Supplement, Supplemented, supplement};
pub use void::void;

pub(super) use rows::{lock_date, void_after_reversal};
