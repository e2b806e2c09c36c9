//! What `up` prints when everything runs.

use std::fmt::Write;

use anyhow::Result;
use stack::Endpoints;

use crate::environment::Environment;
use crate::places;

/// What `up` prints when everything is ready: addresses, logins, and what to try first.
///
/// # Errors
/// When `.gpet` is incomplete.
pub fn text() -> Result<String> {
    let environment = Environment::read(&places::env_file())?;
    let rabbitmq = Endpoints::read(&places::data().join("endpoints.json"))?.rabbitmq;
    let get = |name| environment.get(name);
    let (api, simulators) = (get("GPET_API_URL"), get("GPET_SIM_URL"));
    let mut text = String::new();
    for (what, address) in [
        ("API", api.to_owned()),
        ("its description", format!("{api}/docs")),
        ("scheduler", get("GPET_SCHEDULER_URL").to_owned()),
        ("simulated partners", format!("{simulators}/control/received")),
        (
            "RabbitMQ",
            format!(
                "{} (user {}, password {})",
                rabbitmq.management_url(),
                rabbitmq.user,
                rabbitmq.password
            ),
        ),
        ("PostgreSQL", get("DATABASE_URL").to_owned()),
        ("Redis", get("REDIS_URL").to_owned()),
        (
            "console login",
            format!("{} / {}", get("GPET_CONSOLE_USER"), get("GPET_CONSOLE_PASSWORD")),
        ),
        (
            "app login",
            "WeChat code sim:demo-union-U-WANGFANG:demo-open-U-WANGFANG (王芳, who has income)".to_owned(),
        ),
    ] {
        writeln!(text, "  {what:<20}{address}")?;
    }
    write!(
        text,
        "\nTry first (all settings are in .gpet/env, logs in .gpet/logs):\n\
         \x20 set -a; . .gpet/env; set +a\n\
         \x20 curl -s $GPET_API_URL/readyz\n\
         \x20 TOKEN=$(curl -s $GPET_API_URL/api/h5/auth/wechat -H 'content-type: application/json' \\\n\
         \x20   -d '{{\"code\":\"sim:demo-union-U-WANGFANG:demo-open-U-WANGFANG\"}}' | sed -E 's/.*\"token\":\"([^\"]+)\".*/\\1/')\n\
         \x20 curl -s \"$GPET_API_URL/api/h5/profit/slips?days=15\" -H \"authorization: Bearer $TOKEN\"\n\
         \x20 psql $DATABASE_URL\n"
    )?;
    Ok(text)
}
