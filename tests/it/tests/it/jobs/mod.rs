//! Dated jobs as operators meet them: by the clock, by hand and dry.

mod by_hand;
mod dry;
