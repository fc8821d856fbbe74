//! JSON that a provider should never send.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// Any JSON of a moderate size, now and then one of `words`.
pub(crate) fn any_json(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => prop::sample::select(words).prop_map(Value::from),
        2 => "\\PC{0,12}".prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => (0..5_u8).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let names = prop_oneof![
            prop::sample::select(words).prop_map(str::to_owned),
            "[a-z_]{0,8}",
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((names, inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}
