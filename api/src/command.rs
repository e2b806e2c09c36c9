//! What the binary can be asked to do.

use crate::Application;
use crate::edge::Edge;
use crate::seed;
use clap::Subcommand;
use shared::{Context, Error, Result};
use tokio::signal::unix::{SignalKind, signal};

/// A command of the binary.
#[derive(Debug, Default, Subcommand)]
pub enum Command {
    /// Serves HTTP until SIGTERM or Ctrl-C.
    #[default]
    Serve,
    /// Brings the schema up to date and sows what an empty database needs.
    Migrate,
    /// Prints the API's description.
    Openapi,
}

/// Does what was asked.
///
/// # Errors
/// What stood in the way.
pub async fn run(command: Command, context: Context) -> Result<()> {
    match command {
        Command::Serve => serve(context).await,
        Command::Migrate => seed::migrate(&context).await,
        Command::Openapi => {
            print!("{}", crate::description()?);
            Ok(())
        }
    }
}

async fn serve(context: Context) -> Result<()> {
    let mut terminated = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let application = Application::build(Edge::new(context)).await?;
    tracing::info!(address = %application.address(), "serving");
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    application.run(stop).await.map_err(Error::internal)
}
