//! Runs, the rule of income, templates, and revenue of ads.

mod revenue;
mod run;
mod shares;
mod template;

pub use revenue::Revenue;
pub use run::{RunKind, RunSummary};
pub use shares::{Basis, MOST_DAYS, Shares, shares};
pub use template::{Level, NewTemplate, Rule, Template};

pub(super) use revenue::sum_of;
pub(super) use run::Run;
