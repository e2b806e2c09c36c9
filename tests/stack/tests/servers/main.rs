//! The private servers under kills: what was acknowledged survives, and nothing outlives its owner.

mod folder;
mod owner;
mod survival;
mod tenancy;
