//! The partners the edge calls while a client waits.

use crate::edge::Collaborators;
use shared::identity::model::{WechatOauth, WechatProfile};
use shared::identity::phone::Phone;
use shared::identity::sms_code::SmsSender;
use shared::{Error, Result};
use std::sync::Arc;

/// A partner nobody has connected.
struct Unconnected;

#[async_trait::async_trait]
impl SmsSender for Unconnected {
    async fn send_code(&self, _: &Phone, _: &str) -> Result<()> {
        Err(Error::partner("the SMS provider", "not connected"))
    }
}

#[async_trait::async_trait]
impl WechatOauth for Unconnected {
    async fn identify(&self, _: &str) -> Result<WechatProfile> {
        Err(Error::partner("WeChat", "not connected"))
    }
}

/// No partners: all that needs one answers 1101.
pub fn unconnected() -> Collaborators {
    Collaborators {
        sms: Arc::new(Unconnected),
        wechat: Arc::new(Unconnected),
    }
}
