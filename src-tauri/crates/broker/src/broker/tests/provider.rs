//! A provider that writes down what it is asked.

use std::sync::{Mutex, PoisonError};

use http::header::DATE;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;

use super::*;

/// What the provider was asked, and what it waits for.
#[derive(Default)]
pub(super) struct Asked {
    forms: Mutex<Vec<(String, String)>>,
    more: Notify,
    /// Told to answer the token call.
    go: Option<Notify>,
    /// Told to answer the discovery, which then fails.
    down: Option<CancellationToken>,
}

impl Asked {
    /// Does not answer the token call before it is told to.
    pub(super) fn waiting() -> Self {
        Self {
            go: Some(Notify::new()),
            ..Self::default()
        }
    }

    /// Does not answer the discovery before it is told to, and then fails.
    pub(super) fn down(told: CancellationToken) -> Self {
        Self {
            down: Some(told),
            ..Self::default()
        }
    }

    /// Has the token call that waits answered.
    pub(super) fn go_on(&self) {
        self.go.as_ref().unwrap().notify_one();
    }

    pub(super) fn forms(&self) -> Vec<(String, String)> {
        self.forms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits for the n-th form.
    pub(super) async fn form(&self, index: usize) -> (String, String) {
        let form = async {
            loop {
                let more = self.more.notified();
                if let Some(form) = self.forms().get(index) {
                    return form.clone();
                }
                more.await;
            }
        };
        timeout(LIMIT, form).await.unwrap()
    }

    /// Serves at the listener; `issuer` is its address.
    pub(super) fn serve(self: Arc<Self>, listener: TcpListener, issuer: String) {
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (asked, issuer) = (Arc::clone(&self), issuer.clone());
                tokio::spawn(async move {
                    let service = service_fn(async |request| {
                        Ok::<_, Infallible>(asked.answer(request, &issuer).await)
                    });
                    let served =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    let _ = served.await;
                });
            }
        });
    }

    async fn answer(&self, request: Request<Incoming>, issuer: &str) -> Answer {
        let path = request.uri().path().to_owned();
        if path == "/.well-known/openid-configuration" {
            if let Some(down) = &self.down {
                self.forms.lock().unwrap().push((path, String::new()));
                self.more.notify_waiters();
                down.cancelled().await;
                return answer::text(StatusCode::SERVICE_UNAVAILABLE, "text/html", String::new());
            }
            let document = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token"),
                                  "revocation_endpoint": format!("{issuer}/revoke")});
            return answer::text(StatusCode::OK, "application/json", document.to_string());
        }
        let form = request.collect().await.unwrap().to_bytes();
        let form = String::from_utf8(form.to_vec()).unwrap();
        let refused = form.contains("code=bad");
        let fails = form.contains("code=down");
        let odd = form.contains("code=odd");
        self.forms.lock().unwrap().push((path.clone(), form));
        self.more.notify_waiters();
        if path == "/revoke" {
            return answer::text(StatusCode::OK, "application/json", String::new());
        }
        if let Some(go) = &self.go {
            go.notified().await;
        }
        let (status, text) = match (refused, fails, odd) {
            (true, ..) => (400, r#"{"error":"invalid_grant"}"#),
            (_, true, _) => (503, ""),
            (.., true) => (200, "<html>"),
            _ => (200, TOKENS),
        };
        let status = StatusCode::from_u16(status).unwrap();
        let mut answer = answer::text(status, "application/json;charset=UTF-8", text.to_owned());
        let date = "Thu, 09 Oct 2025 08:53:20 GMT".parse().unwrap();
        answer.headers_mut().insert(DATE, date);
        answer
    }
}
