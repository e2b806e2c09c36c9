//! Ads sent to groups and the per-group switch.
