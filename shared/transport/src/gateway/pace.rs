//! How many messages may be in flight, by the size of those that came.

use kernel::inbox::LARGEST_BODY;

/// In flight from each queue at first, and after a message that was too large: together they fit the memory the
/// program is given, even at the 16 MiB that brokers let through.
const CAREFUL: u16 = 4;
/// In flight from each queue otherwise.
const FULL: u16 = 200;
/// So many ordinary messages in a row, and it is no longer careful.
const TRUST_AFTER: usize = 100;

/// Careful at first.
#[derive(Debug, Default)]
pub(super) struct Pace {
    full: bool,
    ordinary: usize,
}

impl Pace {
    /// Messages in flight from each queue, and the most that are filed at once.
    pub(super) fn prefetch(&self) -> u16 {
        if self.full { FULL } else { CAREFUL }
    }

    /// Notes messages of these sizes. True when another number in flight is called for.
    pub(super) fn saw(&mut self, sizes: impl IntoIterator<Item = usize>) -> bool {
        let before = self.full;
        for size in sizes {
            self.ordinary = if size > LARGEST_BODY { 0 } else { self.ordinary + 1 };
            self.full = self.ordinary >= TRUST_AFTER || (self.full && self.ordinary > 0);
        }
        self.full != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_earned_by_ordinary_messages_and_lost_by_a_large_one() {
        let mut pace = Pace::default();
        assert_eq!(pace.prefetch(), CAREFUL);
        assert!(!pace.saw([1; TRUST_AFTER - 1]));
        assert!(pace.saw([1]));
        assert_eq!(pace.prefetch(), FULL);
        assert!(!pace.saw([LARGEST_BODY; 7]));
        assert!(pace.saw([1, LARGEST_BODY + 1, 1]));
        assert_eq!(pace.prefetch(), CAREFUL);
        assert!(!pace.saw([1; TRUST_AFTER - 2]));
        assert!(pace.saw([1]));
    }
}
