//! Masters and grand-masters: two levels, written once, never a cycle.
