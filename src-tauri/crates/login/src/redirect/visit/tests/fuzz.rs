//! Requests that no browser would send.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const OURS: &str = "localhost:28117";
const HOSTS: &[&str] = &[
    OURS,
    "localhost",
    "LOCALHOST:28117",
    "localhost:28117.",
    "localhost:281170",
    "127.0.0.1:28117",
    "evil.example:28117",
];
const PATHS: &[&str] = &["/callback/", "//callback", "/Callback", "/%63allback", "/"];
const NAMES: &[&str] = &["state", "code", "error", "iss", "State", "state[]", ""];
const VALUES: &[&str] = &[
    "",
    "s1",
    "S1",
    "s1 ",
    "c1",
    "access_denied",
    "https://cis2.example:443/op",
];

/// A parameter, and whether every byte of it is percent-encoded.
type Parameter = (String, String, bool);

fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    let name = prop_oneof![4 => select(NAMES).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    let value = prop_oneof![4 => select(VALUES).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    let state = prop_oneof![6 => Just("s1".to_owned()), 1 => value.clone()];
    let state = (Just("state".to_owned()), state, any::<bool>());
    let code = (Just("code".to_owned()), value.clone(), any::<bool>());
    let more = vec((name, value, any::<bool>()), 0..3);
    let good = (state, code, more.clone())
        .prop_map(|(state, code, more)| [vec![state, code], more].concat());
    prop_oneof![6 => good, 1 => more].prop_shuffle()
}

fn query(parameters: &[Parameter]) -> String {
    let encode = |text: &str, encoded: bool| -> String {
        if encoded {
            return text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        }
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    };
    let parameters = parameters.iter().map(|(name, value, encoded)| {
        format!("{}={}", encode(name, *encoded), encode(value, *encoded))
    });
    parameters.collect::<Vec<_>>().join("&")
}

fn values<'a>(parameters: &'a [Parameter], name: &str) -> Vec<&'a str> {
    let named = parameters.iter().filter(|(other, ..)| other == name);
    named.map(|(_, value, _)| value.as_str()).collect()
}

fn hosts() -> impl Strategy<Value = Vec<String>> {
    let host = prop_oneof![select(HOSTS).prop_map(str::to_owned), "[!-~]{0,20}"];
    let second = host.clone().prop_map(|other| vec![OURS.to_owned(), other]);
    prop_oneof![
        10 => Just(vec![OURS.to_owned()]),
        1 => vec(host, 0..2),
        1 => second.prop_shuffle(),
    ]
}

/// The scheme and host that only a proxy is sent.
fn proxied() -> impl Strategy<Value = String> {
    let address = select(HOSTS).prop_map(|host| format!("http://{host}"));
    prop_oneof![8 => Just(String::new()), 1 => address]
}

fn paths() -> impl Strategy<Value = String> {
    let near = select(PATHS).prop_map(str::to_owned);
    prop_oneof![10 => Just("/callback".to_owned()), 1 => near, 1 => "/[a-z%/.;~-]{0,9}"]
}

fn methods() -> impl Strategy<Value = Method> {
    let other = "[A-Za-z]{1,7}".prop_map(|name| Method::from_bytes(name.as_bytes()).unwrap());
    prop_oneof![10 => Just(Method::GET), 1 => Just(Method::POST), 1 => other]
}

proptest! {
    #[test]
    fn only_get_of_the_exact_path_and_host_with_the_state_once_is_a_callback(
        method in methods(),
        proxied in proxied(),
        path in paths(),
        hosts in hosts(),
        parameters in parameters(),
        prefetch in prop::bool::weighted(0.1),
    ) {
        let mut headers: Vec<_> = hosts.iter().map(|host| ("host", host.as_str())).collect();
        headers.extend(prefetch.then_some(("sec-purpose", "prefetch")));
        let mut request = request(&format!("{proxied}{path}?{}", query(&parameters)), &headers);
        request.method = method.clone();
        let visit = awaited(false).visit(&request);

        let values = |name: &str| values(&parameters, name);
        let says = |name: &str| values(name).iter().any(|value| !value.is_empty());
        let is_callback = method == Method::GET
            && (proxied.is_empty() || proxied == format!("http://{OURS}"))
            && path == "/callback"
            && hosts == [OURS]
            && !prefetch
            && values("state") == ["s1"]
            && ["iss", "code", "error"].iter().all(|name| values(name).len() <= 1)
            && (says("code") || says("error"));
        prop_assert_eq!(matches!(visit, Visit::Callback(_)), is_callback, "{:?}", visit);
    }

    #[test]
    fn a_callback_says_what_came_from_the_issuer_that_was_asked(
        parameters in parameters(),
        required: bool,
    ) {
        let uri = format!("/callback?{}", query(&parameters));
        let visit = awaited(required).visit(&request(&uri, &[("host", OURS)]));
        let Visit::Callback(callback) = visit else { return Ok(()) };

        let first = |name: &str| values(&parameters, name).first().copied().unwrap_or_default();
        let issuer = first("iss");
        let fits = issuer == awaited(required).issuer || (issuer.is_empty() && !required);
        match callback {
            Callback::WrongIssuer => prop_assert!(!fits),
            Callback::Error(_) => prop_assert!(fits && !first("error").is_empty()),
            Callback::Code(code) => {
                prop_assert!(fits && first("error").is_empty());
                prop_assert_eq!(code.expose(), first("code"));
            }
        }
    }

    #[test]
    fn text_that_cannot_say_the_state_is_no_callback(text in "[A-Za-z&=%+;._~-]{0,60}") {
        let visit = visit(&format!("/callback?code=c1&{text}"));
        prop_assert!(is_stray(&visit), "{:?}", visit);
    }
}
