//! Types and pure rules.

mod cleanup;
mod rating;
mod stay;

pub use cleanup::*;
pub use rating::*;
pub use stay::*;
