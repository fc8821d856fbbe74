//! Lists of tables told apart by their `id`. All places add to them; of entries with the same id
//! the highest place's counts.

use std::collections::HashSet;
use std::marker::PhantomData;

use super::Origin;
use super::raw::{Item, Located, Raw};
use super::rule::{Field, Misfit, MisfitKind, Reading, Rule, Shape, Shown};

/// An entry of such a list.
pub(super) trait Entry: Sized {
    fn fields() -> Vec<Field>;
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
    fn id(&self) -> &str;
    /// A key that does not go with the others, and what would.
    fn conflict(&self) -> Option<(&'static str, &'static str)>;
    /// The entry as TOML, without what may be secret.
    fn show(&self) -> String;
}

macro_rules! required {
    () => {
        true
    };
    ($default:expr) => {
        false
    };
}

/// Defines an entry: `key: Type = rule;`, with `or default` for a key that may be missing.
macro_rules! entry {
    (
        $(#[$meta:meta])*
        $Entry:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $Value:ty = $rule:expr $(, or $default:expr)?; )*
        }
        conflict $conflict:expr
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $Entry { $( $(#[doc = $doc])+ pub $key: $Value, )* }

        impl Entry for $Entry {
            fn fields() -> Vec<Field> {
                vec![$( Field {
                    key: stringify!($key),
                    description: concat!($($doc),+).trim_ascii(),
                    shape: $rule.shape(),
                    required: required!($($default)?),
                } ),*]
            }

            fn read(fields: &mut Fields<'_>) -> Option<Self> {
                $( let $key = fields.read(stringify!($key), &$rule) $( .or_else(|| fields.absent(stringify!($key), || $default)) )?; )*
                $( fields.require(stringify!($key), $key.is_some(), &$rule); )*
                Some(Self { $( $key: $key?, )* })
            }

            fn id(&self) -> &str {
                &self.id
            }

            fn conflict(&self) -> Option<(&'static str, &'static str)> {
                let conflict: fn(&Self) -> _ = $conflict;
                conflict(self)
            }

            fn show(&self) -> String {
                let shown = [$( format!("{} = {}", stringify!($key), $rule.show(&self.$key)) ),*];
                format!("{{ {} }}", shown.join(", "))
            }
        }
    };
}
pub(super) use {entry, required};

/// The keys of one entry.
pub(super) struct Fields<'a> {
    entry: &'a Located,
    items: &'a [Item],
    misfits: Vec<Misfit>,
}

impl Fields<'_> {
    fn find(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    pub(super) fn read<R: Rule>(&mut self, key: &'static str, rule: &R) -> Option<R::Value> {
        let reading = rule.read(&self.find(key)?.value);
        let fits = reading.misfits.is_empty();
        let misfits = reading.misfits.into_iter();
        self.misfits
            .extend(misfits.map(|m| m.within(format_args!(".{key}"))));
        reading.value.filter(|_| fits)
    }

    pub(super) fn absent<T>(&self, key: &str, default: fn() -> T) -> Option<T> {
        self.find(key).is_none().then(default)
    }

    pub(super) fn require<R: Rule>(&mut self, key: &'static str, there: bool, rule: &R) {
        if !there && self.find(key).is_none() {
            self.misfits.push(Misfit {
                part: format!(".{key}"),
                at: self.entry.at.clone(),
                kind: MisfitKind::Missing {
                    allowed: rule.shape().to_string(),
                },
            });
        }
    }

    fn refuse_unknown(&mut self, fields: &[Field]) {
        let allowed: Vec<_> = fields.iter().map(|field| field.key).collect();
        for item in self.items {
            if !allowed.contains(&item.key.as_str()) {
                self.misfits.push(Misfit {
                    part: format!(".{}", item.key),
                    at: item.at.clone(),
                    kind: MisfitKind::UnknownKey {
                        allowed: allowed.join(", "),
                    },
                });
            }
        }
    }
}

/// A list of entries.
pub(super) struct Entries<E> {
    max: usize,
    entry: PhantomData<E>,
}

impl<E: Entry> Entries<E> {
    pub(super) const fn at_most(max: usize) -> Self {
        Self {
            max,
            entry: PhantomData,
        }
    }

    fn read_entry(located: &Located, index: usize, fields: &[Field]) -> Reading<E> {
        let part = format!("[{index}]");
        let Raw::Table(items) = &located.raw else {
            let keys: Vec<_> = fields.iter().map(|field| field.key).collect();
            let allowed = format!("a table with {}", keys.join(", "));
            return Reading::misfit(Misfit::wrong(located, allowed).within(part));
        };
        let mut entry = Fields {
            entry: located,
            items,
            misfits: Vec::new(),
        };
        let value = E::read(&mut entry);
        if let Some((key, allowed)) = value.as_ref().and_then(E::conflict) {
            let value = entry.find(key).map_or(located, |item| &item.value);
            entry
                .misfits
                .push(Misfit::wrong(value, allowed).within(format_args!(".{key}")));
        }
        entry.refuse_unknown(fields);
        let misfits = entry.misfits.into_iter();
        Reading {
            value,
            misfits: misfits.map(|misfit| misfit.within(&part)).collect(),
        }
    }
}

impl<E: Entry> Rule for Entries<E> {
    type Value = Vec<E>;

    fn shape(&self) -> Shape {
        Shape::Entries {
            fields: E::fields(),
            max: self.max,
        }
    }

    fn read(&self, value: &Located) -> Reading<Vec<E>> {
        let Raw::List(items) = &value.raw else {
            return Reading::misfit(Misfit::wrong(value, self.shape()));
        };
        if items.len() > self.max {
            let found = format!("a list of {}", items.len());
            return Reading::misfit(Misfit::found(value, found, self.shape()));
        }
        let fields = E::fields();
        let mut misfits = Vec::new();
        let mut entries: Vec<E> = Vec::new();
        for (index, located) in items.iter().enumerate() {
            let reading = Self::read_entry(located, index, &fields);
            misfits.extend(reading.misfits);
            let Some(entry) = reading.value else { continue };
            if entries.iter().any(|other| other.id() == entry.id()) {
                let found = format!("{:?} a second time", entry.id());
                let misfit = Misfit::found(located, found, "each id once in a place");
                misfits.push(misfit.within(format_args!("[{index}].id")));
            }
            entries.push(entry);
        }
        Reading {
            value: Some(entries),
            misfits,
        }
    }

    fn show(&self, entries: &Vec<E>) -> String {
        let shown: Vec<_> = entries.iter().map(E::show).collect();
        format!("[{}]", shown.join(", "))
    }

    fn join(&self, found: Vec<(Vec<E>, Origin)>) -> Option<(Vec<E>, Vec<Shown>)> {
        let highest = found.first()?.1.clone();
        let mut ids = HashSet::new();
        let mut joined = Vec::new();
        let mut shown = Vec::new();
        for (entries, origin) in found {
            for entry in entries {
                if ids.insert(entry.id().to_owned()) {
                    shown.push(Shown {
                        entry: Some(entry.id().to_owned()),
                        value: entry.show(),
                        origin: origin.clone(),
                    });
                    joined.push(entry);
                }
            }
        }
        if joined.is_empty() {
            shown.push(Shown::whole("[]".to_owned(), highest));
        }
        Some((joined, shown))
    }
}
