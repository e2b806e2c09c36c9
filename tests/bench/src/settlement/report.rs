//! What people read in the end.

use super::round::Round;
use crate::rounds::{Spread, hundredths, percent, seconds};

/// One line, as soon as a pair is through.
pub fn round(number: u32, product: &Round, by_hand: &Round) {
    println!(
        "round {number}: product {} s, by hand {} s, ratio {}",
        seconds(product.milliseconds),
        seconds(by_hand.milliseconds),
        hundredths(ratio(product, by_hand)),
    );
}

/// The tables.
pub fn all(rounds: &[(Round, Round)]) {
    let product = Spread::of(rounds.iter().map(|(a, _)| a.milliseconds));
    let by_hand = Spread::of(rounds.iter().map(|(_, b)| b.milliseconds));
    let ratio = Spread::of(rounds.iter().map(|(a, b)| ratio(a, b)));
    let memory = Spread::of(rounds.iter().map(|(a, _)| a.peak_kilobytes)).most;
    println!("\n{:<28}{:>10}{:>10}{:>10}", "", "median", "least", "most");
    let line = |label: &str, spread: Spread, show: fn(u64) -> String| {
        let Spread { median, least, most } = spread;
        println!(
            "{label:<28}{:>10}{:>10}{:>10}",
            show(median),
            show(least),
            show(most)
        );
    };
    line("product, seconds", product, seconds);
    line("by hand, seconds", by_hand, seconds);
    line("ratio, pair by pair", ratio, hundredths);
    println!("peak memory of the scheduler: {} MB (limit 200)", memory / 1024);
    println!(
        "limit 1.30: {}; aim 30 s: {}",
        if ratio.median <= 130 { "kept" } else { "NOT KEPT" },
        if product.median <= 30_000 {
            "reached"
        } else {
            "not reached"
        },
    );
    println!("\nwhere the product's time goes, seconds");
    if let Some((first, _)) = rounds.first() {
        for (name, _) in &first.steps {
            let times = rounds
                .iter()
                .flat_map(|(a, _)| &a.steps)
                .filter(|(step, _)| step == name);
            line(name, Spread::of(times.map(|(_, time)| *time)), seconds);
        }
        let rest = |round: &Round| {
            let steps: u64 = round.steps.iter().map(|(_, time)| time).sum();
            round.milliseconds.saturating_sub(steps)
        };
        line(
            "start, commit, statistics",
            Spread::of(rounds.iter().map(|(a, _)| rest(a))),
            seconds,
        );
        println!(
            "\n{:<28}{:>10}  sum (both sides the same)",
            "rows per table", "rows"
        );
        for table in &first.tables {
            println!("{:<28}{:>10}  {}", table.name, table.rows, table.sum);
        }
    }
}

fn ratio(product: &Round, by_hand: &Round) -> u64 {
    percent(product.milliseconds, by_hand.milliseconds)
}
