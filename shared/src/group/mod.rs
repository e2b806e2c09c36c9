//! Groups: bound, rated, settled out, unbound; their members and their clean-up.
