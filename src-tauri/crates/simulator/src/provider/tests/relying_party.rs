//! A relying party that does as it is told, right or wrong.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::{Url, form_urlencoded};

use crate::browser::{self, SignIn};
use crate::provider::{Client, Endpoint, Provider, ProviderSettings};

pub(super) const CLIENT: &str = "969567331415.apps.national";
pub(super) const SECRET: &str = "a-secret-for-tests";
pub(super) const REDIRECT_URI: &str = "http://localhost:28117/callback";
pub(super) const SCOPES: &str =
    "openid profile nhsperson nationalrbacaccess associatedorgs selectedrole";
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The longest that anything in these tests may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn provider() -> Provider {
    let client = Client::with_secret(CLIENT, SECRET);
    Provider::start(ProviderSettings::with_client(client))
        .await
        .unwrap()
}

/// The authorize address, with these parameters added or put in place of the usual ones.
pub(super) fn authorize(provider: &Provider, changed: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    let usual = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT_URI),
        ("scope", SCOPES),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("acr_values", "AAL3_ANY"),
        ("prompt", "login"),
        ("max_age", "300"),
    ];
    let address = provider.endpoint(Endpoint::Authorize);
    format!("{address}?{}", merged(&usual, changed))
}

/// The parameters of an address.
pub(super) fn parameters(address: &str) -> Map<String, Value> {
    let url = Url::parse(address).unwrap();
    let pairs = url.query_pairs().into_owned();
    pairs
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

/// Signs the nurse in and gives the code.
pub(super) async fn code(provider: &Provider) -> String {
    let nurse = SignIn::of(&provider.people()[0]);
    let callback = browser::sign_in_without_return(&authorize(provider, &[]), &nurse)
        .await
        .unwrap();
    parameters(&callback)["code"].as_str().unwrap().to_owned()
}

/// Redeems a code with the secret, with these parameters added or put in place of the usual ones;
/// a parameter that is empty is left out.
pub(super) async fn redeem(
    provider: &Provider,
    code: &str,
    changed: &[(&str, &str)],
) -> (StatusCode, Value) {
    let usual = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("code_verifier", VERIFIER),
    ];
    let form = merged(&usual, changed);
    json(post(&provider.endpoint(Endpoint::Token), &form).await).await
}

/// Signs the nurse in and gives the whole token response.
pub(super) async fn tokens(provider: &Provider) -> Value {
    let (status, tokens) = redeem(provider, &code(provider).await, &[]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

pub(super) async fn user_info(provider: &Provider, access_token: &str) -> (StatusCode, Value) {
    let bearer = format!("Bearer {access_token}");
    let address = provider.endpoint(Endpoint::UserInfo);
    let request = Request::get(&address).header(header::AUTHORIZATION, bearer);
    json(send(&address, request, String::new()).await).await
}

pub(super) async fn get(address: &str) -> Response<Incoming> {
    send(address, Request::get(address), String::new()).await
}

pub(super) async fn post(address: &str, form: &str) -> Response<Incoming> {
    let request =
        Request::post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(address, request, form.to_owned()).await
}

pub(super) async fn json(answer: Response<Incoming>) -> (StatusCode, Value) {
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Header and claims of a JWT, unchecked.
pub(super) fn decoded(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// Sends a request on a connection of its own.
pub(super) async fn send(
    address: &str,
    request: http::request::Builder,
    body: String,
) -> Response<Incoming> {
    let (answer, _connection) = try_send(address, request, body).await;
    answer.unwrap()
}

pub(super) async fn try_send(
    address: &str,
    request: http::request::Builder,
    body: String,
) -> (
    hyper::Result<Response<Incoming>>,
    JoinHandle<hyper::Result<()>>,
) {
    let url = Url::parse(address).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", url.port().unwrap()))
        .await
        .unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let request = request
        .uri(path)
        .header(header::HOST, "127.0.0.1")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let answer = tokio::time::timeout(LIMIT, sender.send_request(request))
        .await
        .unwrap();
    (answer, connection)
}

pub(super) fn merged(usual: &[(&str, &str)], changed: &[(&str, &str)]) -> String {
    let kept = usual
        .iter()
        .filter(|(name, _)| changed.iter().all(|(other, _)| name != other));
    let all = kept.chain(changed).filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .finish()
}
