//! Every query of the room.

pub(super) mod joining;
pub(super) mod operators;
pub(super) mod users;
