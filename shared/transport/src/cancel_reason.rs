//! Why a robot leaves a group.

kernel::numbered! {
    /// Why a robot's stay in a group ends; chat networks are told, and tell, the same numbers.
    pub enum CancelReason: "cancel_reason" {
        /// An illegal group, never taken again.
        Illegal = 1,
        /// Low delivery quality, never taken again.
        LowDelivery = 2,
        /// The robot was thrown out or left.
        Left = 3,
        /// The system or the user wanted it.
        Wanted = 4,
        /// The importer has too many groups of one star.
        TooManyOneStar = 5,
        /// The robot is blocked.
        RobotBlocked = 6,
        /// Too few conversations.
        TooQuiet = 7,
    }
}

impl CancelReason {
    /// Whether the group may never be bound again.
    pub const fn bars_return(self) -> bool {
        matches!(self, CancelReason::Illegal | CancelReason::LowDelivery)
    }
}
