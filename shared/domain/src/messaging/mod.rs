//! What people say to a robot in private, and what it answers.
//!
//! The menu is a table of commands, a file each: a further one is a file in `commands/` and a line in `menu.rs`.

mod answer;
mod command;
mod commands;
mod menu;

pub use answer::private_message;
