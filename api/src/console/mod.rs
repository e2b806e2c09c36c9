//! Routes of the operators' console, under `/api/console`.
