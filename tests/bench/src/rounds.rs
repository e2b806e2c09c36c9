//! What several rounds came to.

/// Median, smallest and largest of some figures. Integers, so that nothing depends on how a float is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The middle one; of two, the lower.
    pub median: u64,
    /// The smallest.
    pub least: u64,
    /// The largest.
    pub most: u64,
}

impl Spread {
    /// Of at least one figure; all zero of none.
    pub fn of(figures: impl IntoIterator<Item = u64>) -> Spread {
        let mut sorted: Vec<u64> = figures.into_iter().collect();
        sorted.sort_unstable();
        Spread {
            median: sorted
                .get(sorted.len().saturating_sub(1) / 2)
                .copied()
                .unwrap_or(0),
            least: sorted.first().copied().unwrap_or(0),
            most: sorted.last().copied().unwrap_or(0),
        }
    }
}

/// `part` in hundredths of `whole`, rounded down.
pub fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100) / whole.max(1)
}

/// Hundredths as people write them: 131 is "1.31".
pub fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// Milliseconds as seconds: 12345 is "12.34".
pub fn seconds(milliseconds: u64) -> String {
    hundredths(milliseconds / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let spread = |figures: &[u64]| Spread::of(figures.iter().copied());
        assert_eq!(
            spread(&[5, 1, 9]),
            Spread {
                median: 5,
                least: 1,
                most: 9
            }
        );
        assert_eq!(spread(&[4, 2]).median, 2);
        assert_eq!(spread(&[]).median, 0);
    }

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(hundredths(percent(131, 100)), "1.31");
        assert_eq!(seconds(12_345), "12.34");
        assert_eq!(percent(1, 0), 100);
    }
}
