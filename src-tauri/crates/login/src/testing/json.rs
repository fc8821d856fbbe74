//! JSON and tokens that a provider should never send.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Any JSON of a moderate size, now and then one of `words`.
pub(crate) fn any_json(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => select(words).prop_map(Value::from),
        2 => "\\PC{0,12}".prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => (0..5_u8).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let names = prop_oneof![select(words).prop_map(str::to_owned), "[a-z_]{0,8}",];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((names, inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}

/// Tokens with these claims and nobody's signature, and texts that are no tokens.
pub(crate) fn unsigned_tokens(claims: Value) -> impl Strategy<Value = String> {
    const ALGS: &[&str] = &["ES256", "RS256", "RS512", "PS256", "HS256", "none"];
    let alg = prop_oneof![5 => select(ALGS).prop_map(Value::from), 1 => any_json(ALGS)];
    let kid = prop_oneof![Just(json!("k")), any_json(&["k"])];
    let signature = prop_oneof![vec(any::<u8>(), 64), vec(any::<u8>(), 0..260)];
    let made = (alg, kid, signature).prop_map(move |(alg, kid, signature)| {
        let header = json!({"alg": alg, "kid": kid}).to_string();
        let payload = claims.to_string();
        let parts = [header.as_bytes(), payload.as_bytes(), &signature];
        parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
    });
    prop_oneof![2 => made, 1 => "\\PC*", 1 => "[A-Za-z0-9_.=-]{0,80}"]
}
