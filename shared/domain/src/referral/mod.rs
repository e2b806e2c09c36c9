//! Who invited whom: a master and, above them, a grand-master. Exactly two levels earn, and the tree has no cycles.

pub(crate) mod entity;
mod model;
mod repo;
pub mod service;

pub use model::{Above, DiscipleCounts};
