//! The least relying party that can sign someone in.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use crate::harness::http::send;
use crate::harness::provider::{Client, Credential, Provider, path};

pub const STATE: &str = "the-state";
pub const NONCE: &str = "the-nonce";

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const SECRET: &str = "a secret that is only ever used here";
const CLIENT_ID: &str = "cardea";
const LIMIT: Duration = Duration::from_secs(30);

/// A client of the provider with its redirect listener.
pub struct RelyingParty {
    listener: TcpListener,
    address: String,
    key: Option<KeyPair>,
}

/// What the provider gave for a code.
#[derive(Deserialize)]
pub struct Tokens {
    access_token: String,
    id_token: String,
}

impl RelyingParty {
    /// A client that shows a secret.
    pub async fn with_secret() -> Result<Self> {
        Self::with(None).await
    }

    /// A client that signs assertions.
    pub async fn with_key() -> Result<Self> {
        Self::with(Some(KeyPair::generate(KeySize::Rsa4096)?)).await
    }

    async fn with(key: Option<KeyPair>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://localhost:{}/", listener.local_addr()?.port());
        Ok(Self {
            listener,
            address,
            key,
        })
    }

    /// Where its own pages are.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How the provider knows it.
    pub fn client(&self) -> Client {
        let credential = match &self.key {
            None => Credential::Secret(SECRET.into()),
            Some(key) => Credential::Key {
                alg: "RS512".into(),
                jwks: json!({"keys": [jwk(key)]}),
            },
        };
        Client {
            id: CLIENT_ID.into(),
            credential,
            redirect_uris: vec![self.redirect_uri()],
        }
    }

    /// The address that starts a sign-in.
    pub fn sign_in_at(&self, provider: &Provider) -> String {
        let parameters = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", &self.redirect_uri()),
            ("response_type", "code"),
            (
                "scope",
                "openid profile nhsperson nationalrbacaccess associatedorgs selectedrole",
            ),
            ("acr_values", "AAL3_ANY"),
            ("prompt", "login"),
            ("max_age", "300"),
            ("state", STATE),
            ("nonce", NONCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        format!("{}/authorize?{}", provider.issuer(), form(&parameters))
    }

    /// Waits for the browser to come back; answers it, and returns what it brought.
    pub async fn callback(&self) -> Result<HashMap<String, String>> {
        timeout(LIMIT, self.answer_callback())
            .await
            .context("the browser does not come back")?
    }

    async fn answer_callback(&self) -> Result<HashMap<String, String>> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let mut stream = BufReader::new(stream);
            let mut request = String::new();
            stream.read_line(&mut request).await?;
            let target = request.split(' ').nth(1).unwrap_or_default();
            let url = Url::parse(&self.address)?.join(target)?;
            if url.path() != "/callback" {
                continue;
            }
            let page = "Back at the relying party";
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{page}",
                page.len()
            );
            stream.get_mut().write_all(answer.as_bytes()).await?;
            return Ok(url.query_pairs().into_owned().collect());
        }
    }

    /// Gives the code for tokens.
    pub async fn tokens(&self, provider: &Provider, code: &str) -> Result<Tokens> {
        let redirect_uri = self.redirect_uri();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.post(provider, path::TOKEN, &fields).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Asks who signed in.
    pub async fn user_info(&self, provider: &Provider, tokens: &Tokens) -> Result<Value> {
        let request = Request::get(format!("{}{}", provider.issuer(), path::USERINFO))
            .header("authorization", format!("Bearer {}", tokens.access_token))
            .body(String::new())?;
        let answer = send(request).await?;
        ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
        Ok(serde_json::from_slice(answer.body())?)
    }

    /// Gives the access token back.
    pub async fn revoke(&self, provider: &Provider, tokens: &Tokens) -> Result<()> {
        let fields = [("token", tokens.access_token.as_str())];
        self.post(provider, path::REVOCATION, &fields)
            .await
            .map(drop)
    }

    /// Ends the provider's session.
    pub async fn end_session(&self, provider: &Provider, tokens: &Tokens) -> Result<()> {
        let hint = form(&[("id_token_hint", tokens.id_token.as_str())]);
        let request = Request::get(format!("{}{}?{hint}", provider.issuer(), path::END_SESSION))
            .body(String::new())?;
        let answer = send(request).await?;
        ensure!(
            answer.status() == StatusCode::NO_CONTENT,
            "{}",
            answer.status()
        );
        Ok(())
    }

    async fn post(
        &self,
        provider: &Provider,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Vec<u8>> {
        let to = format!("{}{path}", provider.issuer());
        let credential = match &self.key {
            None => vec![("client_secret", SECRET.to_owned())],
            Some(key) => vec![
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
                ),
                ("client_assertion", assertion(key, &to)?),
            ],
        };
        let mut all = vec![("client_id", CLIENT_ID)];
        all.extend_from_slice(fields);
        all.extend(
            credential
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(to)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form(&all))?;
        let answer = send(request).await?;
        let said = String::from_utf8_lossy(answer.body());
        ensure!(
            answer.status() == StatusCode::OK,
            "{}: {said}",
            answer.status()
        );
        Ok(answer.into_body().to_vec())
    }

    fn redirect_uri(&self) -> String {
        format!("{}callback", self.address)
    }
}

impl Tokens {
    /// What the ID token says; its signature is not looked at here.
    pub fn id_token_claims(&self) -> Result<Value> {
        let payload = self.id_token.split('.').nth(1).context("no payload")?;
        Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The DER of the public key (RFC 8017, A.1.1) ends with the modulus and 65537 as an INTEGER.
fn jwk(key: &KeyPair) -> Value {
    const EXPONENT_INTEGER: &[u8] = &[0x02, 0x03, 0x01, 0x00, 0x01];
    let der = key.public_key().as_ref();
    let start = der.len() - EXPONENT_INTEGER.len() - key.public_modulus_len();
    let modulus = &der[start..der.len() - EXPONENT_INTEGER.len()];
    json!({
        "kty": "RSA",
        "use": "sig",
        "alg": "RS512",
        "kid": "the-key",
        "n": URL_SAFE_NO_PAD.encode(modulus),
        "e": "AQAB",
    })
}

/// RFC 7523, section 2.2.
fn assertion(key: &KeyPair, audience: &str) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({"alg": "RS512", "kid": "the-key", "typ": "JWT"})),
        part(json!({
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": audience,
            "jti": format!("{audience} at {now}"),
            "iat": now,
            "exp": now + 300,
        })),
    );
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA512,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
