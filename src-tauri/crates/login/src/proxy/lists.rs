//! Lists of proxies and of what does not go through them, as WinHTTP and the settings of Windows
//! write them (learn.microsoft.com, "WINHTTP_PROXY_INFO" and "WinHttpOpen").

use url::{Host, Url};
use wildmatch::WildMatchPattern;

use super::Route;

/// The ways to an https address by such lists.
pub(super) fn routes(proxies: &str, bypass: &str, address: &Url) -> Vec<Route> {
    if is_bypassed(bypass, address) {
        return vec![Route::Direct];
    }
    let proxies: Vec<_> = items(proxies).filter_map(for_https).collect();
    match proxies.is_empty() {
        true => vec![Route::Direct],
        false => proxies,
    }
}

/// `proxy:8080`, `http://proxy:8080`, `https=proxy:8080`; none for proxies of other schemes, and for
/// what could not be written into the settings of Windows.
fn for_https(item: &str) -> Option<Route> {
    let proxy = match item.split_once('=') {
        Some((scheme, proxy)) if scheme.eq_ignore_ascii_case("https") => proxy,
        Some(_) => return None,
        None => item,
    };
    let proxy = match proxy.contains("://") {
        true => Url::parse(proxy),
        false => Url::parse(&format!("http://{proxy}")),
    };
    let proxy = proxy.ok()?;
    let is_usable = matches!(proxy.scheme(), "http" | "https")
        && proxy.has_host()
        && proxy.username().is_empty()
        && proxy.password().is_none();
    is_usable.then_some(Route::Through(proxy))
}

fn is_bypassed(bypass: &str, address: &Url) -> bool {
    let Some(host) = address.host() else {
        return false;
    };
    items(bypass).any(|item| match item.to_ascii_lowercase().as_str() {
        // Names without a dot; addresses are none.
        "<local>" => matches!(host, Host::Domain(name) if !name.contains('.')),
        // Would send this computer's own addresses through a proxy.
        "<-loopback>" => false,
        pattern => matches_pattern(pattern, address),
    })
}

/// `host`, `*.host`, `host:port`, `https://host`.
fn matches_pattern(pattern: &str, address: &Url) -> bool {
    let (scheme, rest) = match pattern.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, pattern),
    };
    // A colon inside brackets belongs to the address.
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        Some(_) | None => (rest, None),
    };
    let is_port = |port: &str| {
        let asked = address.port_or_known_default();
        port == "*" || port.parse().ok() == asked
    };
    scheme.is_none_or(|scheme| scheme == address.scheme())
        && port.is_none_or(is_port)
        && WildMatchPattern::<'*', '\0'>::new(host).matches(address.host_str().unwrap_or_default())
}

/// Semicolons and blanks separate.
fn items(list: &str) -> impl Iterator<Item = &str> {
    let items = list.split(|c: char| c == ';' || c.is_whitespace());
    items.filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// The proxies as text; empty for direct.
    fn taken(proxies: &str, bypass: &str, address: &str) -> Vec<String> {
        let routes = routes(proxies, bypass, &url(address));
        let proxies = routes.into_iter().filter_map(|route| match route {
            Route::Direct => None,
            Route::Through(proxy) => Some(proxy.to_string()),
        });
        proxies.collect()
    }

    #[test]
    fn proxies_are_read_as_windows_writes_them() {
        for (list, read) in [
            ("", vec![]),
            ("proxy:8080", vec!["http://proxy:8080/"]),
            ("proxy", vec!["http://proxy/"]),
            ("http://proxy:3128", vec!["http://proxy:3128/"]),
            ("https://proxy:443", vec!["https://proxy/"]),
            ("10.0.0.1:80", vec!["http://10.0.0.1/"]),
            ("[::1]:8080", vec!["http://[::1]:8080/"]),
            ("http=a:1;https=b:2", vec!["http://b:2/"]),
            ("HTTPS=http://b:2", vec!["http://b:2/"]),
            ("http=a:1", vec![]),
            ("socks=a:1080", vec![]),
            (
                "a:1;b:2 c:3",
                vec!["http://a:1/", "http://b:2/", "http://c:3/"],
            ),
            ("socks=s:1; b:2", vec!["http://b:2/"]),
            ("socks5://a:1", vec![]),
            ("a:99999", vec![]),
            ("name:secret@a:1", vec![]),
        ] {
            assert_eq!(taken(list, "", "https://cis2.example/"), read, "{list:?}");
        }
    }

    #[test]
    fn what_bypasses_the_proxy_is_read_as_windows_reads_it() {
        let bypassed =
            |bypass: &str, address: &str| taken("proxy:8080", bypass, address).is_empty();
        for (bypass, address) in [
            ("<local>", "https://intranet/"),
            ("<LOCAL>", "https://intranet/"),
            ("cis2.example", "https://cis2.example/"),
            ("CIS2.example", "https://cis2.EXAMPLE/"),
            ("*.example", "https://am.cis2.example/"),
            ("am.*.example", "https://am.cis2.example/"),
            ("other;10.*", "https://10.1.2.3/"),
            ("other 10.*", "https://10.1.2.3/"),
            ("*", "https://cis2.example/"),
            ("cis2.example:443", "https://cis2.example/"),
            ("cis2.example:8443", "https://cis2.example:8443/"),
            ("https://cis2.example", "https://cis2.example/"),
            ("[2001:db8::1]", "https://[2001:db8::1]/"),
        ] {
            assert!(bypassed(bypass, address), "{bypass:?} {address}");
        }
        for (bypass, address) in [
            ("", "https://cis2.example/"),
            ("<local>", "https://cis2.example/"),
            ("<local>", "https://[2001:db8::1]/"),
            ("<-loopback>", "https://cis2.example/"),
            ("*.example", "https://example/"),
            ("*.cis2.example", "https://cis2.example/"),
            ("cis2.example", "https://am.cis2.example/"),
            ("cis2.example:8443", "https://cis2.example/"),
            ("http://cis2.example", "https://cis2.example/"),
            ("cis?.example", "https://cis2.example/"),
        ] {
            assert!(!bypassed(bypass, address), "{bypass:?} {address}");
        }
    }

    proptest! {
        #[test]
        fn every_list_leads_somewhere(proxies in ".{0,60}", bypass in ".{0,60}") {
            let routes = routes(&proxies, &bypass, &url("https://cis2.example/"));
            prop_assert!(!routes.is_empty());
        }

        #[test]
        fn a_secret_in_a_list_is_never_used(name in "[a-z]{1,9}", secret in "[a-z]{0,9}") {
            let list = format!("{name}:{secret}@proxy:8080;https={name}@proxy:8080");
            prop_assert_eq!(taken(&list, "", "https://cis2.example/"), Vec::<String>::new());
        }
    }
}
