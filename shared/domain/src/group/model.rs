//! Types and pure rules.

mod cleanup;
mod pending;
mod rating;
mod stay;

pub use cleanup::*;
pub use pending::*;
pub use rating::*;
pub use stay::*;
