//! What the provider says about itself (OpenID Connect Discovery 1.0).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::{Host, Url};

use crate::Settings;
use crate::wire::{Answer, Reach, Wire, WireError};

/// CIS2 asks that nobody keep its document longer.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The provider's addresses, exactly as it writes them: CIS2 compares them with their `:443`.
#[derive(Debug, Deserialize)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) userinfo_endpoint: String,
    pub(crate) jwks_uri: String,
    pub(crate) end_session_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    /// Whether a redirect without `iss` is to be refused (RFC 9207, section 3).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// Why the provider is not known.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// Not https, or not plain enough that every program reads it alike.
    #[error("the issuer in the settings is not an address that may be used")]
    IssuerNotAllowed,
    /// There is no document.
    #[error("discovery: {0}")]
    Wire(#[from] WireError),
    /// OpenID Connect Discovery 1.0, section 4.3.
    #[error("discovery: the issuer is not byte for byte the one in the settings")]
    OtherIssuer,
    /// The field with an address that is not https, or not on this computer where it has to be.
    #[error("discovery: {0} is not an address that may be used")]
    EndpointNotAllowed(&'static str),
}

/// The last document, for an hour at most.
#[derive(Debug, Default)]
pub(crate) struct DiscoveryCache(Mutex<Option<(Instant, Arc<Provider>)>>);

impl DiscoveryCache {
    pub(crate) async fn provider(
        &self,
        settings: &Settings,
        wire: &Wire,
    ) -> Result<Arc<Provider>, DiscoveryError> {
        let mut cached = self.0.lock().await;
        if let Some(provider) = current(cached.as_ref()) {
            return Ok(provider);
        }
        let provider = Arc::new(discover(settings, wire).await?);
        *cached = Some((Instant::now(), Arc::clone(&provider)));
        Ok(provider)
    }

    /// Fetches the document before somebody needs it. Nobody waits for this meanwhile.
    pub(crate) async fn warm_up(
        &self,
        settings: &Settings,
        wire: &Wire,
    ) -> Result<(), DiscoveryError> {
        if current(self.0.lock().await.as_ref()).is_some() {
            return Ok(());
        }
        let provider = Arc::new(discover(settings, wire).await?);
        *self.0.lock().await = Some((Instant::now(), provider));
        Ok(())
    }
}

fn current(cached: Option<&(Instant, Arc<Provider>)>) -> Option<Arc<Provider>> {
    let (fetched_at, provider) = cached?;
    (fetched_at.elapsed() < MAX_AGE).then(|| Arc::clone(provider))
}

async fn discover(settings: &Settings, wire: &Wire) -> Result<Provider, DiscoveryError> {
    let reach = reach(settings)?;
    read(fetch(settings, wire).await?, settings, reach)
}

/// The answer where the document should be, whatever it is.
pub(crate) async fn fetch(settings: &Settings, wire: &Wire) -> Result<Answer, WireError> {
    let issuer = settings.issuer.as_str();
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let address = format!("{base}/.well-known/openid-configuration");
    wire.fetch(&address, None).await
}

/// The document in an answer, when it is that of the issuer in the settings.
pub(crate) fn read(
    answer: Answer,
    settings: &Settings,
    reach: Reach,
) -> Result<Provider, DiscoveryError> {
    let provider: Provider = answer.ok()?.json()?;
    if provider.issuer != settings.issuer {
        return Err(DiscoveryError::OtherIssuer);
    }
    provider.check_endpoints(reach)?;
    Ok(provider)
}

/// Where the provider of these settings may be.
pub(crate) fn reach(settings: &Settings) -> Result<Reach, DiscoveryError> {
    let loopback = settings.allow_loopback_http && settings.issuer.starts_with("http:");
    let reach = if loopback {
        Reach::Loopback
    } else {
        Reach::Https
    };
    if !is_allowed(&settings.issuer, reach) {
        return Err(DiscoveryError::IssuerNotAllowed);
    }
    Ok(reach)
}

impl Provider {
    fn check_endpoints(&self, reach: Reach) -> Result<(), DiscoveryError> {
        let endpoints = [
            ("authorization_endpoint", Some(&self.authorization_endpoint)),
            ("token_endpoint", Some(&self.token_endpoint)),
            ("userinfo_endpoint", Some(&self.userinfo_endpoint)),
            ("jwks_uri", Some(&self.jwks_uri)),
            ("end_session_endpoint", self.end_session_endpoint.as_ref()),
            ("revocation_endpoint", self.revocation_endpoint.as_ref()),
        ];
        for (name, address) in endpoints {
            if address.is_some_and(|address| !is_allowed(address, reach)) {
                return Err(DiscoveryError::EndpointNotAllowed(name));
            }
        }
        Ok(())
    }
}

fn is_allowed(address: &str, reach: Reach) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let is_plain = url.fragment().is_none()
        && address.chars().all(|c| c.is_ascii_graphic() && c != '\\')
        && names_a_host(address);
    let fits = match reach {
        Reach::Https => url.scheme() == "https" && url.host().is_some(),
        Reach::Loopback => matches!(url.scheme(), "http" | "https") && is_loopback(&url),
    };
    is_plain && fits
}

/// Whether there is a host, and nothing else, where every program looks for it (RFC 3986, section
/// 3.2). Browsers find one in `https:/x` and `https:///x` too, and other programs another or none.
fn names_a_host(address: &str) -> bool {
    let authority = address.split_once("://").and_then(|(scheme, rest)| {
        let is_word = scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
        rest.split(['/', '?', '#']).next().filter(|_| is_word)
    });
    authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@'))
}

/// Whether an address is on this computer.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach_of(issuer: &str, allow_loopback_http: bool) -> Option<Reach> {
        reach(&Settings {
            issuer: issuer.to_owned(),
            allow_loopback_http,
            ..Settings::default()
        })
        .ok()
    }

    #[test]
    fn plain_http_is_for_loopback_issuers_of_a_custom_environment_only() {
        assert_eq!(reach_of(crate::ISSUER_LIVE, false), Some(Reach::Https));
        assert_eq!(
            reach_of("http://127.0.0.1:9/op", true),
            Some(Reach::Loopback)
        );
        assert_eq!(reach_of("http://[::1]:9/op", true), Some(Reach::Loopback));
        assert_eq!(reach_of("http://127.0.0.1:9/op", false), None);
        assert_eq!(reach_of("http://cis2.example/op", true), None);
        assert_eq!(reach_of("http://localhost.example/op", true), None);
        assert_eq!(reach_of("ftp://localhost/op", true), None);
        assert_eq!(reach_of("https://cis2.example/op#x", false), None);
        assert_eq!(reach_of("https://user@cis2.example/op", false), None);
    }

    #[test]
    fn an_address_is_one_that_every_program_reads_alike() {
        for address in [
            "https://cis2.example:443/op?x=y@z://",
            "HTTPS://cis2.example",
        ] {
            assert!(is_allowed(address, Reach::Https), "{address}");
        }
        for odd in [
            "https:/cis2.example/op",
            "https:cis2.example/op",
            "https:///cis2.example/op",
            "https:\\\\cis2.example\\op",
            "https://cis2.example\\@evil.example/op",
            "https://@cis2.example/op",
            "https:/evil.example/://cis2.example/op",
        ] {
            assert!(!is_allowed(odd, Reach::Https), "{odd}");
        }
    }

    fn provider(token_endpoint: &str) -> Provider {
        let at = |path: &str| format!("https://cis2.example:443/{path}");
        Provider {
            issuer: at("op"),
            authorization_endpoint: at("authorize"),
            token_endpoint: token_endpoint.to_owned(),
            userinfo_endpoint: at("userinfo"),
            jwks_uri: at("jwks"),
            end_session_endpoint: None,
            revocation_endpoint: None,
            authorization_response_iss_parameter_supported: false,
        }
    }

    #[test]
    fn every_endpoint_is_https_or_with_a_loopback_issuer_loopback() {
        let endpoint = provider("https://cis2.example:443/token");
        assert!(endpoint.check_endpoints(Reach::Https).is_ok());
        let refused = provider("http://cis2.example/token").check_endpoints(Reach::Https);
        assert!(matches!(
            refused,
            Err(DiscoveryError::EndpointNotAllowed("token_endpoint"))
        ));
        assert!(endpoint.check_endpoints(Reach::Loopback).is_err());
        let with_revocation = Provider {
            revocation_endpoint: Some("http://10.0.0.1/revoke".to_owned()),
            ..endpoint
        };
        assert!(with_revocation.check_endpoints(Reach::Https).is_err());
    }
}
