//! What an empty database needs before it can serve: the schema, version 1 of every rule, the partitions of the next months.

use domain::settlement::{rates, template};
use kernel::partitions;
use kernel::{Context, Result};

/// Months whose partitions are made ahead, this one included.
const MONTHS: u32 = 3;

/// Brings the schema up to date and sows what is missing. Doing it again changes nothing.
pub async fn migrate(context: &Context) -> Result<()> {
    use migrations::MigratorTrait;
    migrations::Migrator::up(context.db.pool(), None).await?;
    let transaction = context.db.begin().await?;
    let now = context.clock.now();
    rates::seed(&transaction, &context.config.rates, now).await?;
    template::seed(&transaction, now).await?;
    transaction.commit().await?;
    partitions::make_ahead(&context.db, context.clock.today(), MONTHS).await
}
