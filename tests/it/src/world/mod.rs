//! Worlds of the settlement oracle: loaded into an empty database, and read back in the oracle's form.

mod load;
mod outcome;

pub use load::load;
pub use outcome::{Outcome, outcome};
