//! Values of settings.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use toml::{Table, Value};

use super::*;

const TEXTS: &[&str] = &[
    "",
    "x",
    "system",
    "id_token",
    "login",
    "openid",
    "AAL3_ANY",
    "*",
    "/x",
    "https://op.example",
    "http://op.example/",
    "3B 00",
    "FF FF",
    "00 00",
];

/// What fits those keys of entries that seldom get it by chance.
const FITTING: &[(&str, &str)] = &[
    ("id", "x"),
    ("name", "X"),
    ("atr", "3B 00"),
    ("mask", "FF FF"),
    ("token_sha256", HASH),
];
const HASH: &str = "abcdefABCDEF0123456789abcdefabcdefabcdefabcdefabcdefabcdefabcdef";

fn any_text() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        4 => select(TEXTS).prop_map(str::to_owned),
        1 => "\\PC{0,9}",
        1 => any::<String>(),
    ];
    text.prop_map(Value::from)
}

pub(super) fn any_value() -> impl Strategy<Value = Value> {
    let date: toml::value::Datetime = "2026-01-05".parse().unwrap();
    let leaf = prop_oneof![
        any_text(),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::from(date)),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        let table = btree_map("[a-z]{0,4}", inner.clone(), 0..3);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            table.prop_map(|table| Value::Table(Table::from_iter(table))),
        ]
    })
}

/// A value that fits the shape or nearly does.
pub(super) fn near(shape: &Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Boolean => {
            let boolean = any::<bool>().prop_map(Value::from);
            prop_oneof![2 => boolean, 1 => (0..2_i64).prop_map(Value::from)].boxed()
        }
        Shape::Choice(words) => {
            let word = select(words.clone()).prop_map(str::to_owned);
            let shouted = word.clone().prop_map(|word| word.to_ascii_uppercase());
            let word = prop_oneof![2 => word, 1 => shouted];
            word.prop_map(Value::from).boxed()
        }
        Shape::Number { min, max } => {
            let number = prop_oneof![*min..=*max, min - 2..min + 2, max - 1..max + 3];
            number.prop_map(Value::from).boxed()
        }
        Shape::Duration { .. } => {
            let units = select(&["ms", "s", "m", "h", "", "d"][..]);
            let span = (0..2_000_u32, units).prop_map(|(number, unit)| format!("{number}{unit}"));
            span.prop_map(Value::from).boxed()
        }
        Shape::Text(_) => any_text().boxed(),
        Shape::List { each, max } => {
            let few = vec(near(each), 0..4);
            let many = (near(each), max - 1..max + 2).prop_map(|(one, times)| vec![one; times]);
            let list = prop_oneof![2 => few, 1 => many];
            list.prop_map(Value::from).boxed()
        }
        Shape::Entries { fields, .. } => vec(entry(fields), 0..3).prop_map(Value::from).boxed(),
    }
}

fn entry(fields: &[Field]) -> BoxedStrategy<Value> {
    let field = |field: &Field| {
        let key = field.key.to_owned();
        let fitting = FITTING.iter().find(|(name, _)| *name == key);
        let fitting = fitting.map_or_else(
            || near(&field.shape),
            |(_, text)| Just(Value::from(*text)).boxed(),
        );
        let value = prop_oneof![20 => fitting, 1 => near(&field.shape), 1 => any_value()];
        let value = prop::option::weighted(0.95, value);
        value.prop_map(move |value| (key.clone(), value)).boxed()
    };
    let known: Vec<_> = fields.iter().map(field).collect();
    let unknown = ("[a-z]{1,4}", prop::option::weighted(0.2, any_value()));
    let entry = (known, unknown).prop_map(|(mut fields, unknown)| {
        fields.push(unknown);
        let there = fields
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Value::Table(there.collect())
    });
    entry.boxed()
}
