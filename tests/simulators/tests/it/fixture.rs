//! A simulator, a merchant who signs, and a product that listens for notifications.

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Response, Server, endpoint, post};
use reqwest::header::HeaderMap;
use serde_json::Value;
use simulators::keys::SigningKey;
use simulators::settings::{MERCHANT_ID, MERCHANT_SERIAL};
use simulators::wxpay::signature::authorization;
use simulators::{Control, Keys, Settings, Simulator, start};
use tokio::sync::mpsc;

/// All a test needs.
pub struct Simulators {
    /// Kept for its life.
    pub simulator: Simulator,
    /// Its control API.
    pub control: Control,
    /// Its keys.
    pub keys: Keys,
    signer: SigningKey,
    http: reqwest::Client,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the answer is JSON")
    }
}

/// Starts a simulator with fresh keys.
pub async fn simulators() -> Simulators {
    simulators_with(Settings::with_keys(Keys::generate().unwrap())).await
}

/// Starts a simulator as told.
pub async fn simulators_with(settings: Settings) -> Simulators {
    let keys = settings.keys.clone();
    let simulator = start(settings).await.unwrap();
    Simulators {
        control: simulator.control(),
        signer: SigningKey::from_pem(&keys.merchant_private).unwrap(),
        http: reqwest::Client::new(),
        keys,
        simulator,
    }
}

impl Simulators {
    /// POSTs text to a path of the simulator.
    pub async fn post(&self, path: &str, body: impl ToString) -> reqwest::Result<Answer> {
        self.send(self.http.post(self.at(path)).body(body.to_string()))
            .await
    }

    /// GETs a path of the simulator.
    pub async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        self.send(self.http.get(self.at(path))).await
    }

    /// Calls WeChat Pay as the merchant; `sent` goes over the wire, `body` was signed.
    pub async fn pay(&self, method: &str, path: &str, body: &str, sent: &str) -> reqwest::Result<Answer> {
        #[allow(clippy::disallowed_methods, reason = "the simulator stands in real time")]
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let merchant = (MERCHANT_ID, MERCHANT_SERIAL);
        let header = authorization(
            &self.signer,
            merchant,
            method,
            path,
            now.cast_signed(),
            body.as_bytes(),
        );
        let request = self
            .http
            .request(method.parse().unwrap(), self.at(path))
            .header("Authorization", header);
        self.send(request.body(sent.to_owned())).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.url)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }
}

/// A notification as it arrived.
pub struct Notification {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A product that takes notifications with 204; answers its address and where they come out.
pub async fn product() -> (String, mpsc::UnboundedReceiver<Notification>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let take = endpoint::make(move |mut request| {
        let sender = sender.clone();
        async move {
            let headers = request.headers().clone();
            let body = request.take_body().into_vec().await?;
            let _ = sender.send(Notification { headers, body });
            Ok::<_, poem::Error>(
                Response::builder()
                    .status(poem::http::StatusCode::NO_CONTENT)
                    .finish(),
            )
        }
    });
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = *acceptor.local_addr()[0].as_socket_addr().unwrap();
    tokio::spawn(Server::new_with_acceptor(acceptor).run(poem::Route::new().at("/notify", post(take))));
    (format!("http://{address}/notify"), receiver)
}
