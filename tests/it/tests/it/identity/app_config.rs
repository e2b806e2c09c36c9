//! What the app is told before anybody logs in.

use it::with_app;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_app_learns_amounts_and_limits_without_a_login() {
    with_app(async |app| {
        let reply = app.anonymous().get("/api/h5/config").await?;
        assert_eq!(reply.outcome(), (200, 1200), "{reply:?}");
        let (config, data) = (&app.context.config, reply.data());
        let amounts: Vec<String> = config
            .withdrawal
            .amounts
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(data["withdrawal_amounts"], json!(amounts));
        assert_eq!(
            data["month_limit"],
            json!(config.withdrawal.monthly_limit.to_string())
        );
        assert_eq!(data["withdrawal_fee"], "0.00");
        assert_eq!(
            data["adoption_fee"],
            json!(config.groups.adoption_fee.to_string())
        );
        assert_eq!(
            data["sms_interval_seconds"],
            json!(config.identity.code_interval_seconds)
        );
        assert_eq!(data["sms_per_day"], json!(config.identity.code_per_day));
        let fields: Vec<&String> = data
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(fields.len(), 8, "nothing else is shown to everybody: {fields:?}");
        Ok(())
    })
    .await;
}
