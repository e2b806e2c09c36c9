//! Routes of the users' app, under `/api/h5`.
