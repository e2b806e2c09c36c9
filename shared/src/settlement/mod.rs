//! The daily settlement of groups and ads.
