//! What slips are for.

kernel::numbered! {
    /// Kind of a slip.
    pub enum AmountType: "amount_type" {
        /// Own groups.
        Groups = 1,
        /// Own ads.
        Ads = 2,
        /// Disciples' groups, both tiers.
        DiscipleGroups = 3,
        /// Disciples' ads, both tiers.
        DiscipleAds = 4,
        /// An activity of the house; none is written any more.
        Activity = 5,
        /// A correction by an operator.
        Correction = 6,
        /// Of the past; none is written any more.
        Legacy = 7,
        /// Adoption fee.
        Adoption = 8,
        /// Withdrawal that was paid.
        Withdrawal = 9,
        /// Red packet.
        Other = 10,
    }
}

kernel::numbered! {
    /// Which way a slip's money went.
    pub enum Direction: "direction" {
        /// To the user.
        Income = 1,
        /// From the user.
        Payment = 2,
    }
}
