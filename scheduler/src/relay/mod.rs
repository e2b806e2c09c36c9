//! The outbox on its way: to our exchange, to robots, to the delivery system, to phones.
