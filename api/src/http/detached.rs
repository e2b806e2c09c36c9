//! Handlers run in tasks of their own: a client that hangs up, or a time-out, never cancels a transaction half-way.

use super::error::{refuse, translate};
use super::limit::takes_ad_revenue;
use kernel::Error;
use kernel::code::Code;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// Runs what it wraps in a task, answers for it after `timeouts`, and turns its errors and panics into envelopes.
pub struct Detached {
    /// How long a client of this path waits; the task goes on after that.
    pub timeouts: AnswerTimeouts,
    /// Who to ask, at the end, whether all tasks are through.
    pub tasks: TaskTracker,
}

impl<E: Endpoint + 'static> Middleware<E> for Detached {
    type Output = DetachedEndpoint<E>;

    fn transform(&self, inner: E) -> DetachedEndpoint<E> {
        DetachedEndpoint {
            inner: Arc::new(inner),
            timeouts: self.timeouts,
            tasks: self.tasks.clone(),
        }
    }
}

/// How long clients wait.
#[derive(Debug, Clone, Copy)]
pub struct AnswerTimeouts {
    /// For most answers.
    pub ordinary: Duration,
    /// For that to a day's ad revenue.
    pub settlement: Duration,
}

impl AnswerTimeouts {
    fn on(self, path: &str) -> Duration {
        match takes_ad_revenue(path) {
            true => self.settlement,
            false => self.ordinary,
        }
    }
}

/// An endpoint behind [`Detached`].
pub struct DetachedEndpoint<E> {
    inner: Arc<E>,
    timeouts: AnswerTimeouts,
    tasks: TaskTracker,
}

impl<E: Endpoint + 'static> Endpoint for DetachedEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let inner = self.inner.clone();
        let timeouts = self.timeouts.on(request.uri().path());
        let handler = async move {
            match inner.call(request).await {
                Ok(output) => output.into_response(),
                Err(error) => {
                    let pattern = error.data::<poem::PathPattern>().cloned();
                    let mut response = refuse(&translate(error));
                    if let Some(pattern) = pattern {
                        response.set_data(pattern);
                    }
                    response
                }
            }
        };
        let task = self.tasks.spawn(handler.in_current_span());
        Ok(match tokio::time::timeout(timeouts, task).await {
            Ok(Ok(response)) => response,
            Ok(Err(ended)) => refuse(&Error::internal(match ended.try_into_panic() {
                Ok(panic) => format!("panic: {}", panic_text(panic.as_ref())),
                Err(cancelled) => cancelled.to_string(),
            })),
            Err(_) => refuse(&timed_out()),
        })
    }
}

fn timed_out() -> Error {
    Error {
        status: Some(503),
        retry_after: Some(2),
        source: Some("time-out".into()),
        ..Error::new(Code::ServiceUnavailable, "this takes too long, try again later")
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::EndpointExt;
    use poem::endpoint::make_sync;
    use tokio::sync::watch;

    #[tokio::test]
    async fn a_days_ads_are_waited_for_longer() {
        let timeouts = AnswerTimeouts {
            ordinary: Duration::ZERO,
            settlement: Duration::from_secs(60),
        };
        let (begin, begun) = watch::channel(false);
        let slow = make_sync(|_| ()).around(move |endpoint, request| {
            let mut begun = begun.clone();
            async move {
                let _ = begun.wait_for(|begun| *begun).await;
                endpoint.call(request).await
            }
        });
        let tasks = TaskTracker::new();
        let app = slow.with(Detached { timeouts, tasks });
        let status = async |path: &str| {
            let request = Request::builder().uri(path.parse().unwrap()).finish();
            app.call(request).await.unwrap().status().as_u16()
        };
        assert_eq!(status("/bi/users").await, 503);
        let (answered, _) = tokio::join!(status("/settlement"), async { begin.send(true) });
        assert_eq!(answered, 200);
    }
}
