//! Routes partners call, under the names they know.
