//! The order and the shape of the rooms: who may know whom, whose SQL may name which table and where it stands, what a room
//! offers, and that no files import each other.

use anyhow::Result;
use it::sources::{self, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// A room, the rooms it uses, and the tables it owns. From the lowest up: a room knows only rooms before it.
struct Room(&'static str, &'static [&'static str], &'static [&'static str]);

const ROOMS: &[Room] = &[
    Room("tracking", &[], &["activity_records"]),
    Room("notice", &[], &["notice_throttles"]),
    Room("referral", &[], &["referrals"]),
    Room(
        "ledger",
        &[],
        &[
            "accounts",
            "corrections",
            "house_accounts",
            "income_carried_forward",
            "ledger_carried_forward",
            "ledger_checks",
            "ledger_keys",
            "ledger_lines",
            "ledger_postings",
            "slips",
        ],
    ),
    Room(
        "identity",
        &["tracking", "notice", "referral", "ledger"],
        &["link_token_uses", "operators", "users"],
    ),
    Room(
        "robot",
        &["notice", "identity"],
        &[
            "friendships",
            "robot_accesses",
            "robot_days",
            "robot_displays",
            "robot_distributions",
            "robot_incidents",
            "robot_replacements",
            "robots",
        ],
    ),
    Room(
        "group",
        &["tracking", "notice", "identity", "robot"],
        &[
            "cleanup_entries",
            "cleanup_plans",
            "early_member_counts",
            "expected_unbinds",
            "group_day_counts",
            "group_members",
            "group_messages",
            "group_settle_counts",
            "groups",
            "no_click_lists",
            "pending_binds",
            "star_changes",
            "unbind_requests",
            "unbind_tombstones",
        ],
    ),
    Room(
        "delivery",
        &["robot", "group"],
        &["delivery_items", "delivery_results", "delivery_tasks"],
    ),
    Room(
        "settlement",
        &["tracking", "ledger", "group"],
        &[
            "ad_batches",
            "ad_revenues",
            "profit_templates",
            "run_reversal_movements",
            "run_reversals",
            "settlement_importers",
            "settlement_inputs",
            "settlement_lines",
            "settlement_movements",
            "settlement_rates",
            "settlement_runs",
        ],
    ),
    Room(
        "withdrawal",
        &["tracking", "identity", "ledger"],
        &["payout_switch", "withdrawal_reviews", "withdrawals"],
    ),
    Room("messaging", &["tracking", "notice", "identity", "robot"], &[]),
    Room("operations", &["identity", "delivery"], &["job_requests"]),
    Room(
        "overview",
        &[
            "tracking",
            "referral",
            "ledger",
            "identity",
            "robot",
            "group",
            "settlement",
            "withdrawal",
            "operations",
        ],
        &["day_figures"],
    ),
];

/// Tables of the kernel: written there, and looked at by whoever has to.
const OF_KERNEL: &[&str] = &[
    "audit_entries",
    "idempotency_keys",
    "inbox_messages",
    "job_calendars",
    "job_runs",
    "outbox",
];

/// SQL that names another room's table all the same, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "delivery",
        "groups",
        "up to 10 000 groups of a task are matched in one statement",
    ),
    (
        "delivery",
        "robots",
        "the robot of each of those groups, in the same statement",
    ),
    (
        "group",
        "profit_templates",
        "a stay keeps the template of its first day, and a rating's notice names its income, in the statement that writes them",
    ),
    (
        "group",
        "referrals",
        "the relations that BI asks for, page by page in one statement",
    ),
    (
        "group",
        "robots",
        "a stay and its robot are read, counted and locked together; clean-up works on sets of both",
    ),
    (
        "group",
        "users",
        "lists and sets of groups with the names, codes and shares of their importers",
    ),
    (
        "identity",
        "friendships",
        "whom to tell of a new disciple is the robot befriended last; robot stands above and cannot be asked",
    ),
    (
        "identity",
        "referrals",
        "whom a user invited, paged and counted in one statement, and who invited them, with the person in one round trip",
    ),
    (
        "identity",
        "robot_accesses",
        "who sent a person becomes their master in the transaction that joins; robot stands above and cannot be asked",
    ),
    (
        "identity",
        "robots",
        "the code of the robot befriended last, in one statement with friendships",
    ),
    (
        "ledger",
        "friendships",
        "fees of all friendships are collected in one statement; robot stands above and cannot be asked",
    ),
    (
        "ledger",
        "groups",
        "the proof holds the books against those who caused them",
    ),
    ("ledger", "operators", "the name beside a correction in lists"),
    (
        "ledger",
        "run_reversal_movements",
        "the proof holds the books against those who caused them; what went back with its run does not go back alone",
    ),
    (
        "ledger",
        "settlement_importers",
        "the proof holds the books against those who caused them",
    ),
    (
        "ledger",
        "settlement_movements",
        "the proof holds the books against those who caused them",
    ),
    (
        "ledger",
        "settlement_runs",
        "the proof holds the books against those who caused them",
    ),
    (
        "ledger",
        "withdrawals",
        "the proof holds the books against those who caused them",
    ),
    (
        "robot",
        "groups",
        "who loses which groups with a robot is kept in the statement that finds it out",
    ),
    (
        "robot",
        "users",
        "whom to tell of a lost robot, and how, in one statement",
    ),
    (
        "settlement",
        "accounts",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    (
        "settlement",
        "group_settle_counts",
        "a run reads and advances a million groups at once",
    ),
    (
        "settlement",
        "groups",
        "a run reads and advances a million groups at once",
    ),
    (
        "settlement",
        "house_accounts",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    (
        "settlement",
        "ledger_keys",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    ("settlement", "operators", "the name beside a batch in lists"),
    (
        "settlement",
        "ledger_lines",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    (
        "settlement",
        "ledger_postings",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    (
        "settlement",
        "referrals",
        "who stands above each importer of a run, for all at once",
    ),
    (
        "settlement",
        "slips",
        "a run posts to a million wallets at once, by the ledger's rules and in its order of locks",
    ),
    (
        "settlement",
        "users",
        "codes and names in a run's explanation and sets",
    ),
    (
        "tracking",
        "users",
        "a page access is one statement: who, how often today, and the event",
    ),
    (
        "withdrawal",
        "operators",
        "the name beside what was switched, kept with it",
    ),
    (
        "withdrawal",
        "users",
        "a claim passes over blocked users and locks in the same statement",
    ),
];

/// Modules of rooms that lead deeper instead of being re-exported, because what they offer needs their name before it.
const NAMESPACES: &[(&str, &[&str])] = &[
    ("group", &["cleanup"]),
    ("identity", &["link_token", "login", "operator", "sms_code"]),
    ("ledger", &["check", "statement"]),
    ("notice", &["text", "throttle"]),
    (
        "operations",
        &["dead_letters", "job_catalogue", "job_requests", "outbox_admin"],
    ),
    (
        "robot",
        &["capacity", "companion", "events", "link", "mirror", "registry"],
    ),
    ("settlement", &["ads", "rates", "template"]),
];

fn rooms() -> Result<Sources> {
    sources::read_crate(&stack::checkout().unwrap().join("shared/domain"))
}

/// The rooms that each room's sources lead into.
fn used(sources: &Sources) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources.values() {
        let Some(room) = source.module.first() else {
            continue;
        };
        let others = source.paths.iter().filter_map(|path| path.first());
        used.entry(room)
            .or_default()
            .extend(others.filter(|other| *other != room).map(String::as_str));
    }
    used
}

#[test]
fn rooms_know_only_rooms_before_them_and_every_edge_is_known() {
    let sources = rooms().unwrap();
    let used = used(&sources);
    let names: BTreeSet<&str> = ROOMS.iter().map(|room| room.0).collect();
    assert_eq!(
        names,
        used.keys().copied().collect(),
        "every folder is a room of the table"
    );
    for (place, Room(name, may_use, _)) in ROOMS.iter().enumerate() {
        assert_eq!(
            used[name],
            may_use.iter().copied().collect(),
            "{name} uses what the table says"
        );
        let before: BTreeSet<&str> = ROOMS[..place].iter().map(|room| room.0).collect();
        assert!(
            may_use.iter().all(|other| before.contains(other)),
            "{name} uses a room that comes later"
        );
    }
}

#[test]
fn no_files_import_each_other() {
    for crate_name in ["kernel", "transport", "partners", "domain"] {
        let sources =
            sources::read_crate(&stack::checkout().unwrap().join("shared").join(crate_name)).unwrap();
        assert_eq!(sources::circle(&sources), None, "{crate_name}");
    }
}

#[test]
fn sql_names_tables_of_its_own_room() {
    let mut foreign = BTreeSet::new();
    let sources = rooms().unwrap();
    for source in sources.values() {
        for Room(owner, _, tables) in ROOMS {
            let other = source.module.first().is_some_and(|room| room != owner);
            foreign.extend(
                tables
                    .iter()
                    .filter(|table| other && source.names_table(table))
                    .map(|table| (source.module[0].as_str(), *table)),
            );
        }
    }
    let known: BTreeSet<(&str, &str)> = EXCEPTIONS
        .iter()
        .map(|(room, table, _)| (*room, *table))
        .collect();
    assert_eq!(foreign, known);
}

/// A number in SQL is written by its name, and a word is one of an enum's: see `kernel::enums`.
#[test]
fn sql_compares_states_with_names() {
    let mut all = Vec::new();
    for folder in [
        "shared/kernel",
        "shared/transport",
        "shared/partners",
        "shared/domain",
        "scheduler",
        "api",
    ] {
        all.push(sources::read_crate(&stack::checkout().unwrap().join(folder)).unwrap());
    }
    let files = || all.iter().flat_map(BTreeMap::values);
    let words: BTreeSet<String> = files()
        .flat_map(|source| source.words.iter().map(|word| format!("'{word}'")))
        .collect();
    assert!(words.contains("'pending'"), "words are found: {words:?}");
    let mut bare = BTreeSet::new();
    for source in files() {
        let compared = source
            .literals
            .iter()
            .flat_map(|literal| sources::compared(literal));
        let unknown = compared.filter(|literal| !words.contains(literal) && !literal.contains('{'));
        bare.extend(unknown.map(|literal| format!("{}: {literal}", source.module.join("::"))));
    }
    assert_eq!(bare, BTreeSet::new());
}

#[test]
fn every_table_has_one_owner() {
    let folder = stack::checkout().unwrap().join("migrations/sql");
    let mut made = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let names = text.split("CREATE TABLE ").skip(1);
        made.extend(names.filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_lowercase() && c != '_')
                .next()
                .map(str::to_owned)
        }));
    }
    made.retain(|name| !name.is_empty());
    made.sort();
    let of_rooms = ROOMS.iter().flat_map(|room| room.2);
    let mut owned: Vec<&str> = of_rooms.chain(OF_KERNEL).copied().collect();
    owned.sort_unstable();
    assert_eq!(owned, made);
}

/// The items of a room's `mod.rs`: the modules it opens to others, and what is neither a module nor a re-export.
fn offered(room: &str) -> Result<(BTreeSet<String>, usize)> {
    let path = stack::checkout()?.join(format!("shared/domain/src/{room}/mod.rs"));
    let file = syn::parse_file(&std::fs::read_to_string(path)?)?;
    let (mut open, mut others) = (BTreeSet::new(), 0);
    for item in file.items {
        match item {
            syn::Item::Mod(module) if matches!(module.vis, syn::Visibility::Public(_)) => {
                open.insert(module.ident.to_string());
            }
            syn::Item::Mod(_) | syn::Item::Use(_) => {}
            _ => others += 1,
        }
    }
    Ok((open, others))
}

#[test]
fn a_room_offers_what_its_mod_re_exports() {
    let namespaces: BTreeMap<&str, BTreeSet<&str>> = (NAMESPACES.iter())
        .map(|(room, names)| (*room, names.iter().copied().collect()))
        .collect();
    for Room(room, ..) in ROOMS {
        let (open, others) = offered(room).unwrap();
        let known = namespaces.get(room).cloned().unwrap_or_default();
        let open: BTreeSet<&str> = open.iter().map(String::as_str).collect();
        assert_eq!(open, known, "public modules of {room}");
        assert_eq!(others, 0, "{room}/mod.rs holds modules and re-exports only");
    }
}

#[test]
fn queries_stand_in_repo() {
    let sources = rooms().unwrap();
    let elsewhere: Vec<String> = (sources.values())
        .filter(|source| {
            source
                .module
                .get(1)
                .is_none_or(|part| part != "repo" && part != "entity")
        })
        .filter(|source| source.has_sql())
        .map(|source| source.module.join("::"))
        .collect();
    assert_eq!(elsewhere, [""; 0]);
}
