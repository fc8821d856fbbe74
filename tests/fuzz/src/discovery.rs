//! Discovery documents (OpenID Connect Discovery 1.0).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use cardea_login::Settings;
use cardea_login::fuzzing::discovery;
use serde::de::IgnoredAny;
use url::{Host, Url};

use crate::members;
use crate::question::{ISSUER, SETTINGS};
use crate::{Verdict, check_error};

const MUST: &[&str] = &[
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
];
const MAY: &[&str] = &["end_session_endpoint", "revocation_endpoint"];

const LOCAL_ISSUER: &str = "http://127.0.0.1:4000/op";

static LOCAL: LazyLock<Settings> = LazyLock::new(|| Settings {
    issuer: LOCAL_ISSUER.to_owned(),
    allow_loopback_http: true,
    ..SETTINGS.clone()
});

/// Reads it as the document of a provider on the internet, and of one on this computer.
pub fn run(input: &[u8]) -> Verdict {
    let remote = judged(input, &SETTINGS, ISSUER, is_https);
    let local = judged(input, &LOCAL, LOCAL_ISSUER, is_local);
    if [remote, local].contains(&Verdict::Accepted) {
        Verdict::Accepted
    } else {
        Verdict::refused(serde_json::from_slice::<IgnoredAny>(input).is_ok())
    }
}

fn judged(input: &[u8], settings: &Settings, issuer: &str, fits: fn(&str) -> bool) -> Verdict {
    let endpoints = match discovery(input, settings) {
        Ok(endpoints) => endpoints,
        Err(error) => {
            check_error(&error);
            return Verdict::Refused;
        }
    };
    let document = members::of(input, &[&["issuer"], MUST, MAY].concat());
    assert_eq!(document["issuer"], issuer);
    let mut written = Vec::new();
    let endpoint = |name: &&str| document[*name].as_str().map(str::to_owned);
    written.extend(MUST.iter().map(|name| endpoint(name).expect("an endpoint")));
    written.extend(MAY.iter().filter_map(endpoint));
    assert_eq!(endpoints, written, "other than as they are written");
    for endpoint in endpoints {
        assert!(fits(&endpoint), "{endpoint}");
    }
    Verdict::Accepted
}

/// Scheme and authority of an address that every program reads alike: RFC 3986 without user names,
/// fragments and what it does not allow in an address.
fn parts(address: &str) -> Option<(String, &str)> {
    let odd = |char: char| !char.is_ascii_graphic() || matches!(char, '\\' | '#');
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let is_plain = !address.contains(odd) && !authority.contains('@') && !authority.is_empty();
    is_plain.then(|| (scheme.to_ascii_lowercase(), authority))
}

fn is_https(address: &str) -> bool {
    parts(address).is_some_and(|(scheme, _)| scheme == "https")
}

fn is_local(address: &str) -> bool {
    let here = |host: Host<&str>| match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => IpAddr::from(Ipv4Addr::from(address.octets())).is_loopback(),
        Host::Ipv6(address) => address == Ipv6Addr::LOCALHOST,
    };
    let url = Url::parse(address);
    let scheme = parts(address).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme == "http" || scheme == "https")
        && url.is_ok_and(|url| url.host().is_some_and(here))
}
