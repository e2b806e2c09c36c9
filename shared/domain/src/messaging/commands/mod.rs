//! The menu's commands, a file each.

pub(super) mod capacity;
pub(super) mod home;
pub(super) mod show_menu;
