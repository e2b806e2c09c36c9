//! `simulators`: runs the partners of gpet on one port, or writes the keys they need.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use simulators::settings::{
    API_V3_KEY, APP_ID, APP_SECRET, MERCHANT_ID, MERCHANT_SERIAL, SMS_KEY_ID, SMS_KEY_SECRET,
};
use simulators::{Keys, Settings, start};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(about = "The partners of gpet, simulated on one port")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs until SIGTERM or Ctrl-C; prints the address.
    Serve(Box<Serve>),
    /// Writes the RSA keys of merchant and platform; keeps those that exist.
    InitKeys {
        /// Where to.
        #[arg(long)]
        dir: PathBuf,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Directory of `init-keys`.
    #[arg(long)]
    keys: PathBuf,
    /// AMQP address of the gateway's broker, with its virtual host.
    #[arg(long, env = "MQ_CONFIG", hide_env_values = true)]
    mq: Option<String>,
    /// APIv3 key, 32 bytes.
    #[arg(long, env = "WX_PAY_KEY", hide_env_values = true, default_value = API_V3_KEY)]
    api_v3_key: String,
    /// Merchant number.
    #[arg(long, env = "GPET_WXPAY_MCH_ID", default_value = MERCHANT_ID)]
    merchant_id: String,
    /// Serial number of the merchant's certificate.
    #[arg(long, env = "GPET_WXPAY_SERIAL", default_value = MERCHANT_SERIAL)]
    merchant_serial: String,
    /// WeChat app id.
    #[arg(long, env = "GPET_WECHAT_APP_ID", default_value = APP_ID)]
    app_id: String,
    /// WeChat app secret.
    #[arg(long, env = "GPET_WECHAT_SECRET", hide_env_values = true, default_value = APP_SECRET)]
    app_secret: String,
    /// SMS access key id.
    #[arg(long, env = "GPET_SMS_KEY_ID", default_value = SMS_KEY_ID)]
    sms_key_id: String,
    /// SMS access key secret.
    #[arg(long, env = "GPET_SMS_KEY_SECRET", hide_env_values = true, default_value = SMS_KEY_SECRET)]
    sms_key_secret: String,
    /// Bearer token the gateway demands.
    #[arg(long, env = "GPET_GATEWAY_TOKEN", hide_env_values = true)]
    gateway_token: Option<String>,
    /// Base address of the product, for callbacks.
    #[arg(long, env = "GPET_API_URL")]
    product_url: Option<String>,
    /// Secret that callbacks to the product are signed with.
    #[arg(long, env = "GPET_PARTNER_SECRET", hide_env_values = true)]
    partner_secret: Option<String>,
    /// File that keeps groups and bills over a restart.
    #[arg(long)]
    books: Option<PathBuf>,
}

impl Serve {
    fn settings(self) -> Result<Settings> {
        Ok(Settings {
            keys: Keys::from_dir(&self.keys)?,
            listen: self.listen,
            mq_url: self.mq,
            api_v3_key: self.api_v3_key,
            merchant_id: self.merchant_id,
            merchant_serial: self.merchant_serial,
            app_id: self.app_id,
            app_secret: self.app_secret,
            sms_key_id: self.sms_key_id,
            sms_key_secret: self.sms_key_secret,
            gateway_token: self.gateway_token,
            product_url: self.product_url,
            partner_secret: self.partner_secret,
            books: self.books,
        })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    match Arguments::parse().command {
        Command::InitKeys { dir } => Keys::init_dir(&dir).map(|_| ()),
        Command::Serve(serve) => {
            let mut terminate = signal(SignalKind::terminate())?;
            let simulator = start(serve.settings()?).await?;
            println!("{}", simulator.url);
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            simulator.shutdown().await
        }
    }
}
