//! A group's star, and what it stands for.

use kernel::money::Money;

kernel::numbered! {
    /// How good a group is.
    pub enum Star: "star" {
        /// Hardly worth its robot.
        One = 1,
        /// Better.
        Two = 2,
        /// Good.
        Three = 3,
        /// So good that it gets no ads.
        Four = 4,
        /// The best, without ads too.
        Five = 5,
    }
}

impl Star {
    /// What it is advertised with.
    pub fn advertised(self) -> Money {
        Money::from_fen(match self {
            Star::Five => 3000,
            Star::Four => 900,
            Star::Three => 300,
            Star::Two => 150,
            Star::One => 60,
        })
    }

    /// Its key in a profit template's rule.
    pub const fn rule_key(self) -> &'static str {
        match self {
            Star::Five => "five",
            Star::Four => "four",
            Star::Three => "three",
            Star::Two => "two",
            Star::One => "one",
        }
    }

    /// A group this good gets no ads.
    pub const fn without_ads(self) -> bool {
        matches!(self, Star::Four | Star::Five)
    }
}
