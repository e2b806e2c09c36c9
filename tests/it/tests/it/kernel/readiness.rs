//! The stores of a test are all there, and one that is not is named.

use it::with_app;
use kernel::Context;
use kernel::readiness::Readiness;

#[tokio::test(flavor = "multi_thread")]
async fn each_store_is_asked() {
    with_app(async |app| {
        let ready = app.anonymous().get("/readyz").await?;
        assert_eq!(ready.outcome(), (200, 1200), "{ready:?}");
        assert_eq!(
            Readiness::of(&app.context).await.down(),
            [""; 0],
            "as the scheduler asks"
        );
        let mut config = (*app.context.config).clone();
        config.mq.url = "amqp://127.0.0.1:1".into();
        let lame = Context::with_clock(config, app.context.clock.clone()).await?;
        assert_eq!(Readiness::of(&lame).await.down(), ["RabbitMQ"]);
        Ok(())
    })
    .await;
}
