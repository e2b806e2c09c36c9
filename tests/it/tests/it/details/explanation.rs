//! Why a slip is what it is: what decided each line, on which of its days a group was, and whose it is.

use super::{column, data, family};
use anyhow::{Context as _, Result};
use domain::ledger::AmountType;
use it::{App, with_app};
use kernel::id::UserId;
use serde_json::{Value, json};

async fn lines(app: &App, user: UserId, amount_type: AmountType) -> Result<Value> {
    let sql = "SELECT id::text FROM slips WHERE user_id = $1 AND amount_type = $2";
    let slip: Option<String> = app.scalar(sql, [user.into(), amount_type.into()]).await?;
    let slip = slip.with_context(|| format!("no slip of {amount_type:?}"))?;
    let found = data(&app.h5(user)?, &format!("/api/h5/profit/slips/{slip}")).await?;
    Ok(found["lines"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_tells_its_case_its_day_and_whose_group_it_is() {
    with_app(async |app| {
        family(app).await?;
        app.execute("UPDATE users SET nickname = '安' WHERE code = 'U-ann'")
            .await?;
        let (ann, master) = (app.user("U-ann").await?, app.user("U-master").await?);

        let own = lines(app, ann, AmountType::Groups).await?;
        assert_eq!(column(&own, "settle_day"), [json!(1), json!(1)], "{own}");
        assert_eq!(column(&own, "settle_days"), [json!(30), json!(30)]);
        assert_eq!(column(&own, "importer_nickname"), [Value::Null, Value::Null]);
        assert_eq!(
            (&own[0]["basis"]["case"], &own[0]["basis"]["template"]),
            (&json!("new"), &json!("DEFAULT"))
        );

        let disciples = lines(app, master, AmountType::DiscipleGroups).await?;
        assert_eq!(
            column(&disciples, "importer_nickname"),
            [json!("安"), json!("安")],
            "{disciples}"
        );
        assert_eq!(column(&disciples, "role"), [json!("master"), json!("master")]);
        assert_eq!(column(&disciples, "settle_day"), [json!(1), json!(1)]);

        let ads = lines(app, master, AmountType::DiscipleAds).await?;
        assert_eq!(column(&ads, "importer_nickname"), [json!("安")]);
        assert_eq!(
            (
                &ads[0]["basis"]["case"],
                &ads[0]["settle_day"],
                &ads[0]["settle_days"]
            ),
            (&json!("ad"), &Value::Null, &Value::Null)
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_came_back_goes_on_with_its_days() {
    with_app(async |app| {
        family(app).await?;
        app.execute(
            "UPDATE group_settle_counts SET settle_count = 11
             WHERE group_id = (SELECT id FROM groups WHERE code = 'G-1')",
        )
        .await?;
        app.at("2026-11-23T09:00:00")?;
        super::settle(
            app,
            "2026-11-22",
            &[domain::settlement::RunKind::Groups],
        )
        .await?;
        let ann = app.user("U-ann").await?;
        let sql = "SELECT id::text FROM slips WHERE user_id = $1 AND amount_type = 1 AND settle_date = '2026-11-22'";
        let slip: Option<String> = app.scalar(sql, [ann.into()]).await?;
        let slip = slip.context("no slip")?;
        let found = data(&app.h5(ann)?, &format!("/api/h5/profit/slips/{slip}")).await?;
        let mut days: Vec<i64> = column(&found["lines"], "settle_day")
            .iter()
            .filter_map(Value::as_i64)
            .collect();
        days.sort_unstable();
        assert_eq!(days, [2, 12]);
        Ok(())
    })
    .await;
}
