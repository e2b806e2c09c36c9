//! Robots and their capacity: what is promised each day, and to whom.
