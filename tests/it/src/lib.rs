//! What integration tests share: the oracle's worlds in the product's tables.

pub mod world;
