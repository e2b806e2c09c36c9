//! Fuzz targets: one a boundary at which bytes of others are read, each with what must hold of whatever is read there.
//!
//! A target is a function of bytes that panics when something does not hold. `cargo xtask fuzz` runs them under
//! libFuzzer; every test run puts the committed inputs through the same functions. README.md tells how to add one.

mod answer;
mod callback;
mod gateway;
mod ids;
mod money;
mod page;
mod partner;
mod payout;
mod rules;
mod settlement;
mod signature;
mod token;

/// A boundary.
pub struct Target {
    /// Its name on the command line; the folder of its inputs.
    pub name: &'static str,
    /// Reads bytes as they come in there, and panics where what was read breaks a promise.
    pub read: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target("gateway", gateway::message),
    target("notify", payout::notification),
    target("settlement", settlement::body),
    target("callback", callback::body),
    target("page", page::access),
    target("signature", signature::of_partner),
    target("token", token::of_caller),
    target("ids", ids::text),
    target("money", money::text),
    target("answer", answer::of_partner),
    target("payout", payout::answer),
];

const fn target(name: &'static str, read: fn(&[u8])) -> Target {
    Target { name, read }
}

/// The target of this name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
