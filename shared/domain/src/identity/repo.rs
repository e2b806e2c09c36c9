//! Every query of the room.

pub(super) mod figures;
pub(super) mod joining;
pub(super) mod operators;
pub(super) mod search;
pub(super) mod users;
