//! Who invited whom: a master and, above them, a grand-master. Exactly two levels earn, and the tree has no cycles.

pub(crate) mod entity;
mod model;
mod repo;
mod tree;

pub use model::{Above, DiscipleCounts};
pub use repo::{disciple_counts, serialise};
pub use tree::{above, hand_over, set_master};
