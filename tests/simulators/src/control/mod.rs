//! The control API: reads the partners' books, lets events happen, scripts what comes next.

mod books;
mod callback;
mod client;
mod events;
mod model;
mod payouts;
mod routes;
mod script;

pub use callback::partner_signature;
pub use client::Control;
pub use model::{
    BillChange, Callback, CallbackAnswer, GatewayBooks, Health, Injected, Injection, Payouts, SmsBox,
};
pub use routes::routes;
