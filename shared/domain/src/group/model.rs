//! Types and pure rules.

mod cleanup;
mod pending;
mod rating;
mod star;
mod stay;

pub use cleanup::*;
pub use pending::*;
pub use rating::*;
pub use star::*;
pub use stay::*;
