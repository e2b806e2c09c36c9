//! The schema, one change a file, applied in order.
//!
//! Migrations are plain SQL and know no entities. They expand before they contract, and a comment at the head of each
//! file says whether it locks.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Applies the files of `sql/` in order.
pub struct Migrator;

/// One SQL file.
struct SqlFile {
    name: &'static str,
    up: &'static str,
}

impl MigrationName for SqlFile {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlFile {
    #[allow(elided_lifetimes_in_paths)] // the trait elides it too
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await?;
        Ok(())
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        vec![$(Box::new(SqlFile { name: $name, up: include_str!(concat!("../sql/", $name, ".sql")) })),*]
    };
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        files![
            "0001_kernel",
            "0002_identity",
            "0003_robot",
            "0004_profit",
            "0005_group",
            "0006_ledger",
            "0007_settlement",
            "0008_withdrawal",
            "0009_tracking",
            "0010_partitions",
            "0011_job_slots",
            "0012_outbox_in_flight",
            "0013_early_member_counts",
            "0014_corrections",
            "0015_archive",
            "0016_inbox_full_size",
            "0017_outbox_seq",
            "0018_ads_control",
            "0021_job_calendars",
            "0022_checks_and_months",
            "0023_secrets",
            "0025_activity_day",
            "0026_movement_order",
            "0027_networks",
            "0033_reversal_keys",
            "0035_withdrawal_times",
            "0036_users_found",
            "0039_lists",
            "0040_details",
            "0041_dashboard",
        ]
    }
}
