//! Virtual hosts of tests, through RabbitMQ's management API.

use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::endpoints::{Endpoints, RabbitMqEndpoint, percent_encoded};

impl Endpoints {
    /// Creates a virtual host on which our user may do everything; an existing one stays as it is.
    ///
    /// # Errors
    /// When RabbitMQ is away or refuses.
    pub async fn create_vhost(&self, name: &str) -> Result<()> {
        let (vhost, user) = (percent_encoded(name), percent_encoded(&self.rabbitmq.user));
        self.rabbitmq
            .call(Method::PUT, &format!("/api/vhosts/{vhost}"), Some(json!({})))
            .await?;
        let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
        self.rabbitmq
            .call(
                Method::PUT,
                &format!("/api/permissions/{vhost}/{user}"),
                Some(all),
            )
            .await?;
        Ok(())
    }

    /// Deletes a virtual host with its queues and messages, if it is there.
    ///
    /// # Errors
    /// When RabbitMQ is away or refuses.
    pub async fn delete_vhost(&self, name: &str) -> Result<()> {
        self.rabbitmq
            .call(
                Method::DELETE,
                &format!("/api/vhosts/{}", percent_encoded(name)),
                None,
            )
            .await?;
        Ok(())
    }
}

impl RabbitMqEndpoint {
    /// Calls the management API. A 404 answers `None`, an empty body `Null`.
    ///
    /// # Errors
    /// When RabbitMQ is away or answers another failure.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Option<Value>> {
        let url = format!("{}{path}", self.management_url());
        let mut request = reqwest::Client::new()
            .request(method, &url)
            .basic_auth(&self.user, Some(&self.password));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request
            .send()
            .await
            .with_context(|| format!("cannot reach {url}"))?;
        let status = answer.status();
        let text = answer.text().await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            _ if !status.is_success() => bail!("RabbitMQ answered {status} to {path}: {text}"),
            _ if text.is_empty() => Ok(Some(Value::Null)),
            _ => Ok(Some(serde_json::from_str(&text)?)),
        }
    }
}
