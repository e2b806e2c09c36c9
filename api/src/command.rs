//! What the binary can be asked to do.

use crate::app_state::AppState;
use crate::{Application, migrate};
use clap::{Args, Subcommand};
use domain::identity::Role;
use domain::identity::operator;
use kernel::{Context, Error, Result};
use partners::Partners;
use secrecy::SecretString;
use std::io::{self, Write};
use tokio::signal::unix::{SignalKind, signal};

/// A command of the binary.
#[derive(Debug, Default, Subcommand)]
pub enum Command {
    /// Serves HTTP until SIGTERM or Ctrl-C.
    #[default]
    Serve,
    /// Brings the schema up to date and sows what an empty database needs.
    Migrate,
    /// Works on operators of the console.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Prints the API's description.
    Openapi,
}

/// What can be done about operators.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Adds one; an existing one gets the new password and role.
    Add(NewOperator),
}

/// An operator to be.
#[derive(Debug, Args)]
pub struct NewOperator {
    /// The name they log in with.
    name: String,
    /// admin, finance, support or viewer.
    #[arg(long)]
    role: Role,
    /// Their password; without it, it is read from standard input.
    #[arg(long, env = "GPET_OPERATOR_PASSWORD", hide_env_values = true, hide = true)]
    password: Option<SecretString>,
}

/// Does what was asked.
///
/// # Errors
/// What stood in the way.
pub async fn run(command: Command, context: Context) -> Result<()> {
    match command {
        Command::Serve => serve(context).await,
        Command::Migrate => migrate::migrate(&context).await,
        Command::Operator(OperatorCommand::Add(new)) => add_operator(&context, new).await,
        Command::Openapi => {
            print!("{}", crate::description()?);
            Ok(())
        }
    }
}

async fn serve(context: Context) -> Result<()> {
    let mut terminated = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let partners = Partners::connect(&context.config)?;
    let application = Application::build(AppState::new(context, partners)).await?;
    tracing::info!(address = %application.address(), "serving");
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    application.run(stop).await.map_err(Error::internal)
}

async fn add_operator(context: &Context, new: NewOperator) -> Result<()> {
    let password = match new.password {
        Some(password) => password,
        None => password_from_input()?,
    };
    let id = operator::add(context, &new.name, new.role, password).await?;
    println!("operator {} ({}): {id}", new.name, new.role);
    Ok(())
}

fn password_from_input() -> Result<SecretString> {
    eprint!("password: ");
    io::stderr().flush().map_err(Error::internal)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(Error::internal)?;
    Ok(line.trim_end_matches(['\r', '\n']).into())
}
