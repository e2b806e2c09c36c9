//! `api`: the HTTP binary.

fn main() {}
