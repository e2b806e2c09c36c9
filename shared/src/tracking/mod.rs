//! Tracking events and the active-user log.
