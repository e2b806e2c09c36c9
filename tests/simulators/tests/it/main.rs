//! The simulators over HTTP, without a broker: what partners accept, refuse, remember and do when scripted.

mod fixture;
mod gateway;
mod sms;
mod wechat;
mod wxpay;
