//! What a merchant may ask for.

use serde::{Deserialize, Serialize};

/// A line of `transfer_scene_report_infos`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportInfo {
    /// Such as 岗位类型.
    pub info_type: String,
    /// Its content.
    pub info_content: String,
}

/// What a merchant asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The app the openid belongs to.
    pub appid: String,
    /// The merchant's number of the bill.
    pub out_bill_no: String,
    /// Such as 1005.
    pub transfer_scene_id: String,
    /// Who gets the money. Payouts by authorisation leave it out.
    #[serde(default)]
    pub openid: String,
    /// Encrypted name of the receiver.
    #[serde(default)]
    pub user_name: Option<String>,
    /// Fen.
    pub transfer_amount: u64,
    /// Shown to the receiver.
    pub transfer_remark: String,
    /// Where to tell of the end.
    #[serde(default)]
    pub notify_url: Option<String>,
    /// How the receiver sees it.
    #[serde(default)]
    pub user_recv_perception: Option<String>,
    /// What the scene demands.
    #[serde(default)]
    pub transfer_scene_report_infos: Vec<ReportInfo>,
}

impl Order {
    /// The first field that WeChat Pay would refuse.
    pub fn fault(&self, app_id: &str) -> Option<String> {
        let number = &self.out_bill_no;
        let has = |kind: &str| {
            let infos = &self.transfer_scene_report_infos;
            infos
                .iter()
                .any(|info| info.info_type == kind && !info.info_content.is_empty())
        };
        let say = |text: &str| Some(text.to_owned());
        if self.appid != app_id {
            say("appid does not belong to the merchant")
        } else if !(1..=32).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
            say("out_bill_no must be 1 to 32 letters and digits")
        } else if self.transfer_amount < 10 {
            say("transfer_amount must be at least 10 fen")
        } else if self.transfer_amount >= 200_000 && self.user_name.is_none() {
            say("user_name is required from 2000 yuan")
        } else if !(1..=32).contains(&self.transfer_remark.chars().count()) {
            say("transfer_remark must have 1 to 32 characters")
        } else if self.transfer_scene_id == "1005" && !(has("岗位类型") && has("报酬说明")) {
            say("scene 1005 needs 岗位类型 and 报酬说明 in transfer_scene_report_infos")
        } else {
            None
        }
    }

    /// Equal in all that must not differ under one number. An encrypted name differs each time by nature.
    pub fn same_as(&self, other: &Self) -> bool {
        let plain = |order: &Self| Self {
            user_name: None,
            ..order.clone()
        };
        plain(self) == plain(other)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn order(number: &str, amount: u64) -> Order {
        let info = |kind: &str| ReportInfo {
            info_type: kind.into(),
            info_content: "x".into(),
        };
        Order {
            appid: crate::settings::APP_ID.into(),
            out_bill_no: number.into(),
            transfer_scene_id: "1005".into(),
            openid: "o-1".into(),
            user_name: None,
            transfer_amount: amount,
            transfer_remark: "income".into(),
            notify_url: None,
            user_recv_perception: None,
            transfer_scene_report_infos: vec![info("岗位类型"), info("报酬说明")],
        }
    }

    #[test]
    fn each_rule_names_its_field() {
        let fault = |change: fn(&mut Order)| {
            let mut order = order("A1", 2000);
            change(&mut order);
            order.fault(crate::settings::APP_ID).unwrap_or_default()
        };
        assert_eq!(fault(|_| {}), "");
        assert!(fault(|o| o.appid = "other".into()).starts_with("appid"));
        assert!(fault(|o| o.out_bill_no = "a-b".into()).starts_with("out_bill_no"));
        assert!(fault(|o| o.transfer_amount = 9).starts_with("transfer_amount"));
        assert!(fault(|o| o.transfer_amount = 200_000).starts_with("user_name"));
        assert!(fault(|o| o.transfer_remark.clear()).starts_with("transfer_remark"));
        assert!(fault(|o| o.transfer_scene_report_infos.truncate(1)).starts_with("scene 1005"));
    }
}
