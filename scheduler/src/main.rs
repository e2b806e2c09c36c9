//! `scheduler`: the background binary.

fn main() {}
