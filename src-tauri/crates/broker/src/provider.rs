//! The provider: what it says about itself, and the calls to it. No redirects, a limit on every
//! wait and every answer.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use http::{HeaderMap, StatusCode};
use reqwest::{Client, RequestBuilder, redirect};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::address::{is_loopback, is_usable_address};
use crate::credential::Credential;
use crate::form::{Fields, Message};
use crate::problem::Problem;
use crate::reread::Reread;
use crate::settings::ProviderSettings;

/// How long a call may take, from the connection to the last byte.
const CALL_LIMIT: Duration = Duration::from_secs(15);

const SIZE_LIMIT: usize = 256 * 1024;

/// CIS2 asks that nobody keep its document longer.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The provider, as its client reaches it.
pub(crate) struct Provider {
    settings: ProviderSettings,
    credential: Reread<Credential>,
    client: Client,
    document: Mutex<Known>,
}

/// The last document, when it came, and when none came.
#[derive(Default)]
struct Known {
    document: Option<(Instant, Arc<Document>)>,
    failed: Option<(Instant, Problem)>,
}

/// The addresses exactly as the provider writes them: CIS2 compares them with their `:443`.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
}

/// An answer that goes on as it is.
#[derive(Clone)]
pub(crate) struct ProviderAnswer {
    pub(crate) status: StatusCode,
    /// `Content-Type` and `Date`.
    pub(crate) headers: HeaderMap,
    /// Wiped when the last that holds it lets go.
    pub(crate) body: Bytes,
}

impl Provider {
    pub(crate) fn new(
        settings: ProviderSettings,
        credential: Reread<Credential>,
    ) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CALL_LIMIT)
            .timeout(CALL_LIMIT);
        let builder = match is_loopback(&settings.issuer) {
            true => builder.no_proxy(),
            false => builder.https_only(true),
        };
        Ok(Self {
            client: builder.build()?,
            settings,
            credential,
            document: Mutex::default(),
        })
    }

    pub(crate) fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Whether the credential's file is of no use now; with the name for it.
    pub(crate) fn credential_is_wrong(&self) -> (&'static str, bool) {
        self.credential.is_wrong()
    }

    /// Passes a message on with the credential; `now` in seconds since 1970.
    pub(crate) async fn pass_on(
        &self,
        message: Message,
        fields: Fields,
        now: i64,
    ) -> Result<ProviderAnswer, Problem> {
        let document = self.document().await?;
        let endpoint = match message {
            Message::Exchange => &document.token_endpoint,
            Message::Revoke => {
                let endpoint = document.revocation_endpoint.as_ref();
                endpoint.ok_or(Problem::NoRevocation)?
            }
        };
        let client_id = &self.settings.client_id;
        let audience = &document.token_endpoint;
        let credential = self.credential.current();
        let proof = credential.prove(client_id, audience, now);
        let proof = proof.map_err(|error| {
            tracing::error!(%error);
            Problem::CredentialFailed
        })?;
        let fields = fields.iter().chain(&proof.fields);
        let mut request = self
            .client
            .post(endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encoded(fields.map(|(name, value)| (*name, value.as_str()))));
        if let Some(authorization) = proof.authorization {
            let value = HeaderValue::from_str(&authorization);
            let mut value = value.map_err(|_| Problem::CredentialFailed)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let answer = answer_to(request).await?;
        let status = answer.status.as_u16();
        tracing::debug!(status, call = message.name(), "the provider has answered");
        match status {
            200 if message == Message::Exchange && !answer.is_json_object() => {
                Err(Problem::ProviderAnswerInvalid)
            }
            200 | 400 | 401 => Ok(answer),
            status => {
                tracing::warn!(status, "the provider's answer has another status");
                match status {
                    500..=599 => Err(Problem::ProviderUnreachable),
                    _ => Err(Problem::ProviderAnswerInvalid),
                }
            }
        }
    }

    /// Revokes what came too late for whoever asked for it.
    pub(crate) async fn revoke_unclaimed(&self, answer: &ProviderAnswer, now: i64) {
        #[derive(Deserialize)]
        struct Tokens {
            refresh_token: Option<String>,
            access_token: Option<String>,
        }
        let Ok(tokens) = serde_json::from_slice::<Tokens>(&answer.body) else {
            return;
        };
        let tokens = [tokens.refresh_token, tokens.access_token];
        for token in tokens.map(|token| token.map(Zeroizing::new)) {
            let Some(token) = token else {
                continue;
            };
            let revoked = self.pass_on(Message::Revoke, vec![("token", token)], now);
            match revoked.await {
                Ok(answer) if answer.status == StatusCode::OK => {
                    tracing::info!("a token that nobody took was revoked");
                }
                Ok(_) | Err(_) => tracing::warn!("a token that nobody took was not revoked"),
            }
        }
    }

    async fn document(&self) -> Result<Arc<Document>, Problem> {
        let asked_at = Instant::now();
        let mut known = self.document.lock().await;
        if let Some((fetched_at, document)) = &known.document
            && fetched_at.elapsed() < MAX_AGE
        {
            return Ok(Arc::clone(document));
        }
        // Whoever waited for a call that failed does not wait for one more.
        if let Some((failed_at, problem)) = known.failed
            && failed_at >= asked_at
        {
            return Err(problem);
        }
        let fetched = self.fetch_document().await;
        match &fetched {
            Ok(document) => known.document = Some((Instant::now(), Arc::clone(document))),
            Err(problem) => known.failed = Some((Instant::now(), *problem)),
        }
        fetched
    }

    async fn fetch_document(&self) -> Result<Arc<Document>, Problem> {
        let issuer = self.settings.issuer.as_str();
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        let address = format!("{base}/.well-known/openid-configuration");
        let answer = answer_to(self.client.get(address)).await?;
        if answer.status.is_server_error() {
            return Err(Problem::ProviderUnreachable);
        }
        let document: Document = serde_json::from_slice(&answer.body)
            .ok()
            .filter(|_| answer.status == StatusCode::OK)
            .filter(|document: &Document| document.is_of(issuer))
            .ok_or_else(|| {
                tracing::error!("the provider's discovery document is of no use");
                Problem::ProviderAnswerInvalid
            })?;
        Ok(Arc::new(document))
    }
}

impl Document {
    /// The issuer byte for byte, and addresses that may be used where the issuer is.
    fn is_of(&self, issuer: &str) -> bool {
        let is_usable = |address: &str| {
            is_usable_address(address) && is_loopback(address) == is_loopback(issuer)
        };
        self.issuer == issuer
            && is_usable(&self.token_endpoint)
            && self.revocation_endpoint.as_deref().is_none_or(is_usable)
    }
}

impl ProviderAnswer {
    fn is_json_object(&self) -> bool {
        use serde::de::IgnoredAny;
        use std::collections::HashMap;
        serde_json::from_slice::<HashMap<IgnoredName, IgnoredAny>>(&self.body).is_ok()
    }
}

/// The name of a member, read and forgotten.
#[derive(PartialEq, Eq, Hash)]
struct IgnoredName;

impl<'de> Deserialize<'de> for IgnoredName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// Written into memory that is wiped, in one piece: a string that grows leaves copies behind.
fn encoded<'a>(fields: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Bytes {
    let most = fields
        .clone()
        .map(|(name, value)| 3 * value.len() + name.len() + 2);
    let text = String::with_capacity(most.sum());
    let text = url::form_urlencoded::Serializer::new(text)
        .extend_pairs(fields)
        .finish();
    Bytes::from_owner(Zeroizing::new(text.into_bytes()))
}

async fn answer_to(request: RequestBuilder) -> Result<ProviderAnswer, Problem> {
    let sent = request.header(ACCEPT, "application/json").send().await;
    let mut response = sent.map_err(no_answer)?;
    let status = response.status();
    let mut headers = HeaderMap::new();
    for name in [CONTENT_TYPE, DATE] {
        if let Some(value) = response.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    // Room for all of it: a vector that grows leaves copies behind.
    let announced = response.content_length();
    let room = announced.and_then(|length| usize::try_from(length).ok());
    let room = room.map_or(SIZE_LIMIT, |room| room.min(SIZE_LIMIT));
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > SIZE_LIMIT {
            tracing::warn!("the provider's answer is too large");
            return Err(Problem::ProviderAnswerInvalid);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(ProviderAnswer {
        status,
        headers,
        body: Bytes::from_owner(body),
    })
}

fn no_answer(error: reqwest::Error) -> Problem {
    let timed_out = error.is_timeout();
    let error = error.without_url();
    tracing::warn!(error = &error as &dyn Error, "the provider does not answer");
    match timed_out {
        true => Problem::ProviderTimedOut,
        false => Problem::ProviderUnreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(issuer: &str, token_endpoint: &str) -> Document {
        Document {
            issuer: issuer.to_owned(),
            token_endpoint: token_endpoint.to_owned(),
            revocation_endpoint: None,
        }
    }

    #[test]
    fn a_document_is_of_its_issuer_byte_for_byte_and_leads_nowhere_else() {
        let issuer = "https://cis2.example:443/op";
        assert!(document(issuer, "https://cis2.example:443/token").is_of(issuer));
        assert!(!document("https://cis2.example/op", "https://cis2.example/t").is_of(issuer));
        for elsewhere in [
            "http://cis2.example/t",
            "https://127.0.0.1/t",
            "http://localhost/t",
        ] {
            assert!(!document(issuer, elsewhere).is_of(issuer), "{elsewhere}");
        }
        let loopback = "http://127.0.0.1:1";
        assert!(document(loopback, "http://127.0.0.1:1/t").is_of(loopback));
        assert!(!document(loopback, "https://cis2.example/t").is_of(loopback));
        let revoking = Document {
            revocation_endpoint: Some("http://10.0.0.1/revoke".to_owned()),
            ..document(issuer, "https://cis2.example:443/token")
        };
        assert!(!revoking.is_of(issuer));
    }

    #[test]
    fn a_form_is_written_into_one_piece_of_memory() {
        let fields = [("code", "a/b c"), ("redirect_uri", "http://localhost:1/")];
        let body = encoded(fields.into_iter());
        assert_eq!(
            body,
            "code=a%2Fb+c&redirect_uri=http%3A%2F%2Flocalhost%3A1%2F"
        );
    }
}
