//! The answers: the files, and to the page itself its settings.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;

use super::Locate;
use super::files::File;
use crate::program::SimulatedProgram;

/// Nothing but the page's own files, and the agent: it is on loopback, on a port of its own.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src data:; connect-src 'self' http://127.0.0.1:*; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const JSON: &str = "application/json";

pub(super) struct Page {
    pub(super) port: u16,
    pub(super) program: SimulatedProgram,
    pub(super) locate: Locate,
}

type Answer = Response<Full<Bytes>>;

pub(super) async fn answer(page: Arc<Page>, request: Request<Incoming>) -> Answer {
    let (head, _) = request.into_parts();
    page.answer(&head.method, head.uri.path(), &head.headers)
        .await
}

impl Page {
    async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
        if !self.is_asked_by_its_name(headers) {
            return empty(StatusCode::FORBIDDEN);
        }
        if method != Method::GET {
            return empty(StatusCode::METHOD_NOT_ALLOWED);
        }
        if path == "/settings.json" {
            return match is_own_script(headers) {
                true => with(JSON, self.settings().await),
                false => empty(StatusCode::FORBIDDEN),
            };
        }
        match File::at(path) {
            Some(file) => with(file.kind, file.content.into()),
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    /// What the script needs to know, the token among it.
    async fn settings(&self) -> Bytes {
        let mut settings = json!({"app": self.program.id, "token": self.program.token});
        if let Some(url) = (self.locate)().await {
            settings["url"] = url.into();
        }
        settings.to_string().into()
    }

    /// No page gets here under a name of its own (DNS rebinding).
    fn is_asked_by_its_name(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
        ["127.0.0.1", "localhost"]
            .iter()
            .any(|name| host == Some(format!("{name}:{}", self.port).as_bytes()))
    }
}

/// Fetch Metadata: this page's own script asks, and nobody else in a browser.
fn is_own_script(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|said| said == value);
    says("sec-fetch-site", "same-origin") && says("sec-fetch-dest", "empty")
}

fn with(kind: &'static str, content: Bytes) -> Answer {
    let mut answer = empty(StatusCode::OK);
    *answer.body_mut() = Full::new(content);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn ask(path: &str, headers: &[(&'static str, &'static str)]) -> (StatusCode, String) {
        let page = Page {
            port: 7,
            program: SimulatedProgram {
                id: "sample".into(),
                token: "s3cret".into(),
            },
            locate: Box::new(|| Box::pin(async { Some("http://127.0.0.1:9".into()) })),
        };
        let headers = headers.iter().map(|&(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let answer = page.answer(&Method::GET, path, &headers.collect()).await;
        assert!(answer.headers().contains_key("content-security-policy"));
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn only_the_page_itself_gets_its_token() {
        let own = [
            ("host", "localhost:7"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-dest", "empty"),
        ];
        let (status, settings) = ask("/settings.json", &own).await;
        assert_eq!(status, StatusCode::OK);
        assert!(settings.contains("s3cret") && settings.contains("http://127.0.0.1:9"));
        for (at, other) in [
            (0, "localhost:8"),
            (0, "evil.example:7"),
            (1, "cross-site"),
            (1, "none"),
            (2, "document"),
            (2, "script"),
        ] {
            let mut headers = own;
            headers[at].1 = other;
            let (status, settings) = ask("/settings.json", &headers).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{other}");
            assert_eq!(settings, "", "{other}");
        }
        let (_, page) = ask("/", &own).await;
        assert!(page.contains("Log in with my Care Identity") && !page.contains("s3cret"));
    }
}
