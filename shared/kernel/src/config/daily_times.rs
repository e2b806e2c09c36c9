//! When in the day a job becomes due.

use chrono::NaiveTime;
use serde::Deserialize;

/// Times of day in Shanghai, one or more, each later than the one before. Written `02:00` or `00:10, 12:10`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DailyTimes(Vec<NaiveTime>);

impl DailyTimes {
    /// The times, earliest first; at least one.
    pub fn times(&self) -> &[NaiveTime] {
        &self.0
    }

    /// How many there are.
    pub fn count(&self) -> i16 {
        i16::try_from(self.0.len()).unwrap_or(i16::MAX)
    }
}

impl TryFrom<String> for DailyTimes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.split(',')
            .map(|time| NaiveTime::parse_from_str(time.trim(), "%H:%M"))
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|times| times.is_sorted_by(|earlier, later| earlier < later))
            .map(DailyTimes)
            .ok_or("must be a time like 02:00, or several in order like 00:10, 12:10")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_or_several_in_order() {
        let count = |text: &str| DailyTimes::try_from(text.to_owned()).map(|times| times.count());
        assert_eq!(count("02:00"), Ok(1));
        assert_eq!(count("00:10, 12:10"), Ok(2));
        for wrong in ["", "24:00", "02:00,", "12:10, 00:10", "02:00, 02:00", "noon"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
