//! What a request to the redirect address is, decided without any I/O.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method};
use url::form_urlencoded;

use crate::Secret;
use crate::oauth_error::OAuthError;

/// What the redirect of this attempt looks like.
#[derive(Debug)]
pub(crate) struct Awaited {
    /// The exact `Host`.
    pub(crate) authority: String,
    /// The exact path.
    pub(crate) path: String,
    pub(crate) state: Secret,
    pub(crate) issuer: String,
    /// Whether the provider promised to name itself (RFC 9207, section 3).
    pub(crate) issuer_required: bool,
}

/// What the provider sent the browser back with.
#[derive(Debug)]
pub(crate) enum Callback {
    Code(Secret),
    Error(OAuthError),
    /// The provider named is not the one that was asked (RFC 9207, section 2.4).
    WrongIssuer,
}

/// What a request is.
#[derive(Debug)]
pub(super) enum Visit {
    Callback(Callback),
    ResultPage,
    /// Anything else: answered with 400, and the attempt goes on.
    Stray(&'static str),
}

impl Awaited {
    /// The page that the browser is sent on to, so that the code leaves the address bar.
    pub(super) fn result_path(&self) -> String {
        format!("{}/result", self.path.trim_end_matches('/'))
    }

    pub(super) fn visit(&self, request: &Parts) -> Visit {
        if request.method != Method::GET {
            return Visit::Stray("not GET");
        }
        if !is_host(request, &self.authority) {
            return Visit::Stray("another host");
        }
        if is_prefetch(&request.headers) {
            return Visit::Stray("prefetch");
        }
        if request.uri.path() == self.result_path() {
            return Visit::ResultPage;
        }
        if request.uri.path() != self.path {
            return Visit::Stray("another path");
        }
        self.callback(request.uri.query().unwrap_or_default())
    }

    fn callback(&self, query: &str) -> Visit {
        let Ok(state) = parameter(query, "state") else {
            return Visit::Stray("state twice");
        };
        if !state.is_some_and(|state| self.state.is(state.expose())) {
            return Visit::Stray("not our state");
        }
        let (Ok(issuer), Ok(code), Ok(error)) = (
            parameter(query, "iss"),
            parameter(query, "code"),
            parameter(query, "error"),
        ) else {
            return Visit::Stray("a parameter twice");
        };
        let issuer_fits = match issuer {
            Some(issuer) => issuer.expose() == self.issuer,
            None => !self.issuer_required,
        };
        match (code, error) {
            (None, None) => Visit::Stray("neither code nor error"),
            _ if !issuer_fits => Visit::Callback(Callback::WrongIssuer),
            (_, Some(error)) => Visit::Callback(Callback::Error(OAuthError::new(error.expose()))),
            (Some(code), None) => Visit::Callback(Callback::Code(code)),
        }
    }
}

/// A target that names a host counts before `Host` (RFC 9112, section 3.2.2), so both must be ours.
fn is_host(request: &Parts, authority: &str) -> bool {
    let mut hosts = request.headers.get_all(HOST).iter();
    let target = request.uri.authority();
    hosts.next().is_some_and(|host| host == authority)
        && hosts.next().is_none()
        && target.is_none_or(|target| target.as_str() == authority)
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut purposes = ["sec-purpose", "purpose", "x-moz"]
        .into_iter()
        .flat_map(|name| headers.get_all(name));
    purposes.any(|purpose| {
        let purpose = purpose.as_bytes().to_ascii_lowercase();
        purpose.windows(8).any(|word| word == b"prefetch")
    })
}

/// The value of a parameter that may be there once (RFC 6749, section 3.1). An empty one is none.
fn parameter(query: &str, name: &str) -> Result<Option<Secret>, ()> {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == name)
        .map(|(_, value)| Secret::new(value.into_owned()));
    let first = values.next();
    if values.next().is_some() {
        return Err(());
    }
    Ok(first.filter(|value| !value.expose().is_empty()))
}

#[cfg(test)]
mod tests {
    mod fuzz;

    use http::Request;

    use super::*;

    fn awaited(issuer_required: bool) -> Awaited {
        Awaited {
            authority: "localhost:28117".to_owned(),
            path: "/callback".to_owned(),
            state: Secret::new("s1".to_owned()),
            issuer: "https://cis2.example:443/op".to_owned(),
            issuer_required,
        }
    }

    fn request(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn visit(uri: &str) -> Visit {
        awaited(false).visit(&request(uri, &[("host", "localhost:28117")]))
    }

    fn is_stray(visit: &Visit) -> bool {
        matches!(visit, Visit::Stray(_))
    }

    #[test]
    fn the_code_counts_with_the_right_state() {
        let Visit::Callback(Callback::Code(code)) = visit("/callback?code=c%2B1&state=s1") else {
            panic!("not a code");
        };
        assert_eq!(code.expose(), "c+1");
    }

    #[test]
    fn the_error_counts_with_the_right_state() {
        for uri in [
            "/callback?error=access_denied&state=s1",
            "/callback?error=access_denied&code=c1&state=s1",
        ] {
            let Visit::Callback(Callback::Error(error)) = visit(uri) else {
                panic!("not an error");
            };
            assert_eq!(error.name(), "access_denied");
        }
    }

    #[test]
    fn anything_else_is_stray() {
        for uri in [
            "/callback",
            "/callback?code=c1",
            "/callback?code=c1&state=",
            "/callback?code=c1&state=s2",
            "/callback?error=access_denied&state=s2",
            "/callback?code=c1&state=s1&state=s1",
            "/callback?code=c1&code=c2&state=s1",
            "/callback?state=s1",
            "/callback/?code=c1&state=s1",
            "/Callback?code=c1&state=s1",
            "/favicon.ico",
        ] {
            assert!(is_stray(&visit(uri)), "{uri}");
        }
    }

    #[test]
    fn the_host_must_be_exactly_ours() {
        let uri = "/callback?code=c1&state=s1";
        for headers in [
            &[][..],
            &[("host", "127.0.0.1:28117")],
            &[("host", "localhost")],
            &[("host", "evil.example:28117")],
            &[("host", "localhost:28117"), ("host", "evil.example")],
        ] {
            assert!(is_stray(&awaited(false).visit(&request(uri, headers))));
        }
        assert!(is_stray(&visit(&format!("http://evil.example:28117{uri}"))));
    }

    #[test]
    fn only_get_counts_and_no_prefetch() {
        let uri = "/callback?code=c1&state=s1";
        let host = ("host", "localhost:28117");
        for purpose in ["prefetch", "prefetch;prerender", "PreFetch"] {
            let prefetch = request(uri, &[host, ("Sec-Purpose", purpose)]);
            assert!(is_stray(&awaited(false).visit(&prefetch)));
        }
        for method in [Method::POST, Method::HEAD, Method::OPTIONS] {
            let mut other = request(uri, &[host]);
            other.method = method;
            assert!(is_stray(&awaited(false).visit(&other)));
        }
    }

    #[test]
    fn the_issuer_must_be_ours_byte_for_byte() {
        let visit = |required, issuer: &str| {
            let uri = format!("/callback?code=c1&state=s1{issuer}");
            awaited(required).visit(&request(&uri, &[("host", "localhost:28117")]))
        };
        let ours = "&iss=https%3A%2F%2Fcis2.example%3A443%2Fop";
        let without_port = "&iss=https%3A%2F%2Fcis2.example%2Fop";
        for (required, issuer, passes) in [
            (true, ours, true),
            (false, ours, true),
            (false, "", true),
            (true, "", false),
            (true, without_port, false),
            (false, without_port, false),
        ] {
            let visit = visit(required, issuer);
            let passed = matches!(visit, Visit::Callback(Callback::Code(_)));
            let refused = matches!(visit, Visit::Callback(Callback::WrongIssuer));
            assert_eq!((passed, refused), (passes, !passes), "{required} {issuer}");
        }
    }
}
