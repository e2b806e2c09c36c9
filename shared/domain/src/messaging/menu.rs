//! The menu: every command, by what people say for it.

use super::command::Command;
use super::commands::{capacity, home, show_menu};

const COMMANDS: &[Command] = &[show_menu::COMMAND, home::COMMAND, capacity::COMMAND];

/// The command that these words are for.
pub(super) fn find(words: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.words.contains(&words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::text;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_that_is_said_means_two_commands() {
        let words: Vec<&str> = COMMANDS
            .iter()
            .flat_map(|command| command.words)
            .copied()
            .collect();
        let different: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(different.len(), words.len(), "{words:?}");
        assert!(words.iter().all(|word| *word == word.trim() && !word.is_empty()));
    }

    #[test]
    fn people_are_told_of_every_command() {
        let menu = text::robot::menu();
        let told: BTreeSet<&str> = menu.lines().filter_map(|line| line.split(' ').next()).collect();
        for command in COMMANDS {
            let words = command.words;
            // The welcome tells of the menu itself.
            let of_menu = words.contains(&"菜单");
            assert!(
                of_menu || words.iter().any(|word| told.contains(word)),
                "{words:?}"
            );
        }
        let welcome = text::robot::welcome(&"https://gpet.example/home".into());
        assert!(welcome.expose().contains("【菜单】"));
    }

    #[test]
    fn the_menu_knows_its_commands_and_nothing_else() {
        for said in ["菜单", "1", "6"] {
            assert!(find(said).is_some_and(|command| command.words.contains(&said)));
        }
        assert!(find("").is_none() && find("菜单 ").is_none() && find("hello").is_none());
    }
}
