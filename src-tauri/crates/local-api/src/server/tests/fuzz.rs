//! Requests that no program and no browser would send, at the gate.

use axum::http::{HeaderValue, Method, Request, header};
use cardea_session::Scope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::rig::{FULL, ORIGIN, PAGE, READER, apps, settings};
use crate::Apps;
use crate::access::{Access, Found, Gate};
use crate::limits::{Strangers, WrongTokens};
use crate::server::{Hosts, Link, Peer, Way};

const PORT: u16 = 28080;
/// How many headers decide who may enter.
const HEADERS: usize = 7;
const OURS: &[&str] = &["127.0.0.1:28080", "localhost:28080", "[::1]:28080"];
const HOSTS: &[&str] = &[
    "127.0.0.1:28080",
    "[::1]:28080",
    "localhost",
    "localhost:28081",
    "LOCALHOST:28080",
    "localhost.:28080",
    "0.0.0.0:28080",
    "clinic.example:28080",
];
const ORIGINS: &[&str] = &[
    "",
    "null",
    ORIGIN,
    "http://clinic.example",
    "https://clinic.example.",
    "https://clinic.example:443",
    "https://stranger.example",
];
const MODES: &[&str] = &["cors", "no-cors", "navigate", "same-origin"];
const SITES: &[&str] = &["cross-site", "same-site", "none"];

/// Each program's id, token and origin, as in the rig.
const PROGRAMS: &[(&str, &str, Option<&str>)] = &[
    ("reader", READER, None),
    ("full", FULL, None),
    ("page", PAGE, Some(ORIGIN)),
];

type Values = BoxedStrategy<Vec<HeaderValue>>;

/// The usual values of a header, and odd ones.
fn values(usual: Option<String>, odd: Vec<String>) -> (Values, Values) {
    let usual: Vec<_> = usual
        .into_iter()
        .map(|value| HeaderValue::try_from(value).unwrap())
        .collect();
    let odd = select(odd).prop_map(|value| HeaderValue::try_from(value).unwrap());
    let byte = prop_oneof![b' '..=b'~', 0x80..=u8::MAX];
    let bytes = vec(byte, 0..50).prop_map(|bytes| HeaderValue::from_bytes(&bytes).unwrap());
    let one = prop_oneof![4 => odd, 1 => bytes];
    let both = (one.clone(), Just(usual.clone()))
        .prop_map(|(one, usual)| [vec![one], usual].concat())
        .prop_shuffle();
    let odd = prop_oneof![4 => one.prop_map(|one| vec![one]), 2 => both, 2 => Just(Vec::new())];
    (Just(usual).boxed(), odd.boxed())
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn authorizations() -> Vec<String> {
    let of = |&(_, token, _): &(_, &str, _)| {
        let short = &token[1..];
        [
            format!("Bearer {token}"),
            format!("bEARER {token}"),
            format!("Bearer  {token}"),
            format!("Bearer {token} "),
            format!("Bearer {short}"),
            format!("Bearer {}", token.to_uppercase()),
            format!("Bearer\t{token}"),
            format!("Digest {token}"),
            token.to_owned(),
        ]
    };
    PROGRAMS.iter().flat_map(of).collect()
}

/// As a rule only one thing about them is odd.
fn requests() -> impl Strategy<Value = Request<()>> {
    let program = select(PROGRAMS);
    let odd = prop_oneof![4 => (0..HEADERS).prop_map(|one| one..one + 1), 1 => Just(0..HEADERS)];
    (program, odd).prop_flat_map(|((_, token, origin), odd)| {
        let bearer = Some(format!("Bearer {token}"));
        let named: [(&str, _); HEADERS] = [
            ("host", values(Some(OURS[0].to_owned()), owned(HOSTS))),
            ("origin", values(origin.map(str::to_owned), owned(ORIGINS))),
            ("authorization", values(bearer, authorizations())),
            ("sec-fetch-mode", values(None, owned(MODES))),
            ("sec-fetch-site", values(None, owned(SITES))),
            ("referer", values(None, owned(ORIGINS))),
            (
                "access-control-request-method",
                values(None, owned(&["GET"])),
            ),
        ];
        let headers: Vec<_> = named
            .into_iter()
            .enumerate()
            .map(|(index, (name, (usual, other)))| {
                let values = if odd.contains(&index) { other } else { usual };
                (Just(name), values)
            })
            .collect();
        let methods = select(vec![Method::GET, Method::POST, Method::OPTIONS]);
        let proxied = select(HOSTS).prop_map(|host| format!("http://{host}"));
        let target = prop_oneof![8 => Just(String::new()), 1 => proxied];
        (methods, target, headers).prop_map(|(method, target, headers)| {
            let uri = format!("{target}/v1/session");
            let mut request = Request::builder().method(method).uri(uri);
            for (name, values) in headers {
                for value in values {
                    request = request.header(name, value);
                }
            }
            request.body(()).unwrap()
        })
    })
}

fn ways() -> impl Strategy<Value = Way> {
    prop_oneof![
        2 => Just(Way::Port),
        1 => any::<bool>().prop_map(|own_program| Way::Socket { own_program }),
    ]
}

fn is_ours(host: &[u8]) -> bool {
    OURS.iter().any(|ours| ours.as_bytes() == host)
}

/// Whose request it is, judged without the code under test; nobody's when it may not enter.
fn who(request: &Request<()>, way: Way) -> Option<&'static str> {
    let all = |name: &str| -> Vec<&[u8]> {
        let values = request.headers().get_all(name).iter();
        values.map(HeaderValue::as_bytes).collect()
    };
    let (origins, modes, sites) = (all("origin"), all("sec-fetch-mode"), all("sec-fetch-site"));
    let target = request.uri().authority();
    let comes_to_us = match way {
        Way::Port => {
            matches!(all("host")[..], [host] if is_ours(host))
                && target.is_none_or(|target| is_ours(target.as_str().as_bytes()))
        }
        Way::Socket { .. } => origins.is_empty() && all("referer").is_empty(),
    };
    let unasked = matches!(modes[..], [b"no-cors" | b"navigate"])
        || (sites == [b"cross-site"] && origins.is_empty());
    let asks_first = request.method() == Method::OPTIONS
        && !origins.is_empty()
        && !all("access-control-request-method").is_empty();
    let several = [&origins, &modes, &sites]
        .iter()
        .any(|values| values.len() > 1);
    if !comes_to_us || unasked || asks_first || several {
        return None;
    }
    match (&all("authorization")[..], way) {
        ([], Way::Socket { own_program: true }) => Some("cardea"),
        ([sent], _) => {
            let (scheme, sent) = sent.split_at_checked(7)?;
            let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
            let mut programs = PROGRAMS.iter().filter(|_| is_bearer);
            let (id, _, origin) = programs.find(|(_, token, _)| token.as_bytes() == sent)?;
            let fits = origins.first().copied() == origin.map(str::as_bytes);
            fits.then_some(*id)
        }
        _ => None,
    }
}

proptest! {
    #[test]
    fn only_a_programs_own_token_at_our_own_address_gets_in(
        request in requests(),
        way in ways(),
        is_of_same_user in prop::bool::weighted(0.85),
        access in prop_oneof![
            4 => Just(Access::Program),
            1 => Just(Access::Scope(Scope::SessionControl)),
            1 => Just(Access::SocketScope(Scope::SessionControl)),
            1 => Just(Access::OwnPrograms),
        ],
    ) {
        let gate = Gate {
            request: &request,
            access,
            link: &Link::new(way, is_of_same_user, Peer::Unknown, Strangers::default().enter()),
            hosts: &Hosts::of(Some(PORT)),
            register: &Apps::new(&settings(apps())).now(),
            wrong_tokens: &WrongTokens::default(),
        };
        let admitted = gate.admit().ok().flatten().map(|grant| grant.id.clone());
        let may = |id: &&str| match access {
            Access::Anyone | Access::Pairing | Access::Program => true,
            Access::Scope(_) | Access::WebSocketScope(_) => ["full", "cardea"].contains(id),
            Access::SocketScope(_) => {
                ["full", "cardea"].contains(id) && matches!(way, Way::Socket { .. })
            }
            Access::OwnPrograms => *id == "cardea",
        };
        let expected = who(&request, way).filter(may).filter(|_| is_of_same_user);
        prop_assert_eq!(admitted.as_deref(), expected);
    }

    #[test]
    fn only_pages_of_a_listed_origin_read_answers(request in requests(), is_of_same_user: bool) {
        let gate = Gate {
            request: &request,
            access: Access::Anyone,
            link: &Link::new(Way::Port, is_of_same_user, Peer::Unknown, Strangers::default().enter()),
            hosts: &Hosts::of(Some(PORT)),
            register: &Apps::new(&settings(apps())).now(),
            wrong_tokens: &WrongTokens::default(),
        };
        let origin = request.headers().get(header::ORIGIN);
        let is_listed = origin.is_some_and(|origin| origin == ORIGIN);
        let mut answer = axum::http::HeaderMap::new();
        gate.cors().apply(&mut answer);
        let reader = answer.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        prop_assert_eq!(reader.is_some(), is_listed && is_of_same_user);
        prop_assert!(reader.is_none_or(|reader| reader == ORIGIN));
    }

    #[test]
    fn nothing_near_a_token_is_one(
        (id, token, _) in select(PROGRAMS),
        at in any::<Index>(),
        byte: u8,
        any in vec(any::<u8>(), 40..46),
    ) {
        let register = Apps::new(&settings(apps())).now();
        let mut near = token.as_bytes().to_vec();
        near[at.index(token.len())] = byte;
        for sent in [near, any] {
            let is_it = sent == token.as_bytes();
            match register.by_token(&sent) {
                Found::Program(grant) => prop_assert!(is_it && grant.id == id),
                Found::Retired | Found::Nobody => prop_assert!(!is_it),
            }
        }
    }
}
