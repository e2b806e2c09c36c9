//! Users and operators: who they are and how they prove it.
