//! What operators decide.

kernel::named! {
    /// What an operator decides about a withdrawal.
    pub enum Decision {
        /// Pay it.
        Approve = "approve",
        /// Give the money back.
        Reject = "reject",
    }
}
