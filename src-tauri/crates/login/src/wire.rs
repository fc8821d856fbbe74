//! Calls to the provider: no redirects, an answer of bounded size, a limit on every wait.

use std::time::Duration;

use cardea_session::Time;
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::Secret;

/// How long a call may take, from the connection to the last byte. Windows may spend ten seconds
/// of it on looking for revocation lists behind a closed network.
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// The largest answer that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// The client for all calls to one provider.
#[derive(Debug)]
pub(crate) struct Wire {
    client: OnceCell<Client>,
    reach: Reach,
}

/// Where the provider may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anywhere, over https only.
    Https,
    /// On this computer, also over plain http, never through a proxy.
    Loopback,
}

/// A call that brought no usable answer. Shows no address and no content.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the HTTPS client cannot be set up")]
    Setup(#[source] reqwest::Error),
    #[error("no answer")]
    Unreachable(#[source] reqwest::Error),
    #[error("the answer broke off")]
    BrokenOff(#[source] reqwest::Error),
    #[error("the answer is larger than {BODY_LIMIT} bytes")]
    TooLarge,
    #[error("the answer is a redirect (status {0})")]
    Redirected(u16),
    #[error("the answer has status {0}")]
    Status(u16),
    #[error("the answer is not the JSON expected (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("the access token cannot stand in a header")]
    UnusableToken,
}

/// An answer, whatever its status but a redirect.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// What the provider takes for the time.
    pub(crate) date: Option<Time>,
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, WireError> {
        // serde_json's own message may quote the document, so only the place is kept.
        serde_json::from_slice(&self.body).map_err(|error| WireError::NotJson {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The answer of a call that has only one good status.
    pub(crate) fn ok(self) -> Result<Self, WireError> {
        if self.status == StatusCode::OK {
            return Ok(self);
        }
        Err(WireError::Status(self.status.as_u16()))
    }
}

impl Wire {
    pub(crate) fn new(reach: Reach) -> Self {
        Self {
            client: OnceCell::new(),
            reach,
        }
    }

    pub(crate) async fn fetch(
        &self,
        address: &str,
        bearer: Option<&Secret>,
    ) -> Result<Answer, WireError> {
        let request = self.client().await?.get(address);
        Self::call(match bearer {
            Some(token) => request.header(AUTHORIZATION, authorization(token)?),
            None => request,
        })
        .await
    }

    pub(crate) async fn submit(
        &self,
        address: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, WireError> {
        Self::call(self.client().await?.post(address).form(form)).await
    }

    /// Set up at the first call: reading the platform's certificates would slow the start down.
    async fn client(&self) -> Result<&Client, WireError> {
        self.client
            .get_or_try_init(|| async {
                let builder = Client::builder()
                    .redirect(redirect::Policy::none())
                    .connect_timeout(CALL_LIMIT)
                    .timeout(CALL_LIMIT);
                match self.reach {
                    Reach::Https => builder.https_only(true),
                    Reach::Loopback => builder.no_proxy(),
                }
                .build()
                .map_err(WireError::Setup)
            })
            .await
    }

    async fn call(request: RequestBuilder) -> Result<Answer, WireError> {
        let mut response = request
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .send()
            .await
            .map_err(|error| WireError::Unreachable(error.without_url()))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(WireError::Redirected(status.as_u16()));
        }
        let date = date(response.headers());

        let announced = response.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).map_err(|_| WireError::TooLarge)?;
        if announced > BODY_LIMIT {
            return Err(WireError::TooLarge);
        }
        let mut body = Zeroizing::new(Vec::with_capacity(announced));
        while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(WireError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, date, body })
    }
}

fn authorization(token: &Secret) -> Result<HeaderValue, WireError> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| WireError::UnusableToken)?;
    value.set_sensitive(true);
    Ok(value)
}

fn broken_off(error: reqwest::Error) -> WireError {
    if error.is_timeout() {
        return WireError::Unreachable(error.without_url());
    }
    WireError::BrokenOff(error.without_url())
}

fn date(headers: &HeaderMap) -> Option<Time> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(
            DATE,
            HeaderValue::from_static("Mon, 05 Jan 2026 09:00:00 GMT"),
        );
        assert_eq!(date(&headers), Time::parse("2026-01-05T09:00:00Z").ok());
        headers.insert(DATE, HeaderValue::from_static("soon"));
        assert_eq!(date(&headers), None);
    }

    #[tokio::test]
    async fn plain_http_is_not_spoken_to_a_provider_elsewhere() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", server.local_addr().unwrap());
        let wire = Wire::new(Reach::Https);
        tokio::select! {
            _ = server.accept() => panic!("it connected"),
            answer = wire.fetch(&address, None) => assert!(answer.is_err()),
        }
    }

    #[tokio::test]
    async fn a_token_that_would_break_a_header_is_not_sent() {
        let odd = Secret::new("a\r\nHost: evil.example".to_owned());
        let answer = Wire::new(Reach::Loopback)
            .fetch("http://127.0.0.1:9/", Some(&odd))
            .await;
        assert!(matches!(answer, Err(WireError::UnusableToken)));
    }

    /// A server that reads what its first caller asks, answers, and writes `more` for as long as
    /// it is read.
    async fn answering(answer: String, more: Vec<u8>) -> String {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", server.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.unwrap();
            let mut asked = [0; 1024];
            assert!(stream.read(&mut asked).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
            while !more.is_empty() && stream.write_all(&more).await.is_ok() {}
        });
        address
    }

    async fn fetched(answer: &str, more: Vec<u8>) -> Result<Answer, WireError> {
        let address = answering(format!("HTTP/1.1 {answer}"), more).await;
        Wire::new(Reach::Loopback).fetch(&address, None).await
    }

    #[tokio::test]
    async fn an_answer_that_does_not_end_is_given_up() {
        let head = "200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let answer = fetched(head, b"10\r\n0123456789abcdef\r\n".repeat(1024)).await;
        assert!(matches!(answer, Err(WireError::TooLarge)));
    }

    #[tokio::test]
    async fn an_answer_that_announces_too_much_is_not_read() {
        let answer = fetched("200 OK\r\ncontent-length: 100000000\r\n\r\n", Vec::new()).await;
        assert!(matches!(answer, Err(WireError::TooLarge)));
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_told_from_none() {
        let answer = fetched("200 OK\r\ncontent-length: 10\r\n\r\n{\"a\"", Vec::new()).await;
        assert!(matches!(answer, Err(WireError::BrokenOff(_))));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let target = answering(
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
            Vec::new(),
        );
        let head = format!("302 Found\r\nlocation: {}\r\n\r\n", target.await);
        assert!(matches!(
            fetched(&head, Vec::new()).await,
            Err(WireError::Redirected(302))
        ));
    }
}
