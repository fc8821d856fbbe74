//! How a table of settings is defined: each key once, with its type, default, rule and
//! description. Reading, checking, `config show` and the policy template come from that.

use super::rule::{Rule, Shape};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub key: &'static str,
    /// What it is for, in one line.
    pub description: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Its default, as TOML.
    pub default: String,
}

impl Definition {
    pub(super) fn new<R: Rule>(
        (table, key): (&'static str, &'static str),
        description: &'static str,
        rule: &R,
        default: &R::Value,
    ) -> Self {
        Self {
            table,
            key,
            description,
            shape: rule.shape(),
            default: rule.show(default),
        }
    }
}

/// Defines tables: `key: Type = default, rule;` with the description as the doc comment.
macro_rules! tables {
    ($(
        $(#[doc = $about:literal])+
        [$table:ident] $Table:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $Value:ty = $default:expr, $rule:expr; )*
        }
    )*) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $Table { $( $(#[doc = $doc])+ pub $key: $Value, )* }

            impl $Table {
                fn resolve(resolution: &mut Resolution<'_>) -> Self {
                    Self { $( $key: resolution.setting(
                        stringify!($table), stringify!($key), &$rule, || $default,
                    ), )* }
                }
            }
        )*

        /// Every setting as it is after all places were asked.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Effective {
            $( $(#[doc = $about])+ pub $table: $Table, )*
            pub(super) rows: Vec<Row>,
        }

        impl Effective {
            pub(super) fn resolve(resolution: &mut Resolution<'_>) -> Self {
                $( let $table = $Table::resolve(resolution); )*
                Self { $( $table, )* rows: resolution.take_rows() }
            }
        }

        /// Every setting there is, in the order of the documentation.
        #[must_use]
        pub fn definitions() -> Vec<Definition> {
            vec![$( $( Definition::new(
                (stringify!($table), stringify!($key)),
                concat!($($doc),+).trim_ascii(),
                &$rule,
                &$default,
            ), )* )*]
        }

        /// Every table there is, with what it is about.
        pub const TABLES: &[(&str, &str)] = &[$( (stringify!($table), concat!($($about),+).trim_ascii()), )*];
    };
}
pub(super) use tables;
