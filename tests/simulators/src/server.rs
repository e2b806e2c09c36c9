//! The one port that all partners share.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Route, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::control::{self, Control};
use crate::partners::Partners;
use crate::settings::Settings;
use crate::{gateway, launch, oauth, sms, storage, wxpay};

/// How long calls in progress may take at a graceful stop.
const GRACE: Duration = Duration::from_secs(5);

/// A running simulator; stops when dropped.
pub struct Simulator {
    /// `http://host:port`, without a slash at the end.
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
    partners: Arc<Partners>,
    keeper: Option<JoinHandle<()>>,
}

impl Simulator {
    /// A client for the control API.
    pub fn control(&self) -> Control {
        Control::new(&self.url)
    }

    /// Stops after the calls in progress and writes the books, if they are kept.
    pub async fn shutdown(mut self) -> Result<()> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(()); // an error means it has stopped already
        }
        let ended = (&mut self.task).await.context("the simulator broke")?;
        ended.context("the simulator's port failed")?;
        if let Some(keeper) = self.keeper.take() {
            keeper.abort();
        }
        match &self.partners.settings.books {
            Some(path) => storage::save(&self.partners, path),
            None => Ok(()),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(keeper) = &self.keeper {
            keeper.abort();
        }
    }
}

/// Starts all partners on one port.
///
/// Fails when the address is taken, a key is not a key, or the APIv3 key has not 32 bytes. A broker that is
/// away does not matter: events wait for it.
pub async fn start(settings: Settings) -> Result<Simulator> {
    let listen = settings.listen.clone();
    let partners = Arc::new(Partners::new(settings)?);
    if let Some(path) = &partners.settings.books {
        storage::load(&partners, path)?;
    }
    let acceptor = TcpListener::bind(&listen)
        .into_acceptor()
        .await
        .with_context(|| format!("the simulator cannot listen on {listen}"))?;
    let address = acceptor
        .local_addr()
        .into_iter()
        .find_map(|local| local.as_socket_addr().copied());
    let address = address.context("the simulator has no address")?;
    let (stop, stopped) = oneshot::channel::<()>();
    let signal = async {
        // A dropped sender comes with an abort, which ends this too.
        let _ = stopped.await;
    };
    let server = Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(
        routes(&partners),
        signal,
        Some(GRACE),
    );
    let books = partners.settings.books.clone();
    Ok(Simulator {
        url: format!("http://{address}"),
        stop: Some(stop),
        task: tokio::spawn(server),
        keeper: books.map(|path| tokio::spawn(storage::keep(partners.clone(), path))),
        partners,
    })
}

fn routes(partners: &Arc<Partners>) -> Route {
    Route::new()
        .nest("/gateway", gateway::routes(partners))
        .nest("/launch", launch::routes(partners))
        .nest("/wxpay", wxpay::routes(partners))
        .nest("/wechat", oauth::routes(partners))
        .nest("/sms", sms::routes(partners))
        .nest("/control", control::routes(partners))
}
