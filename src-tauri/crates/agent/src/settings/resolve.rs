//! From what is written to what holds.

use super::definition::Definition;
use super::error::{Problem, SettingError};
use super::origin::{Origin, Place};
use super::raw::{self, Item, Raw};
use super::registry;
use super::rule::{Misfit, MisfitKind, Rule, Shown};
use super::source::{Content, Gathered, Source, Standing};
use super::tables::{TABLES, definitions};
use super::{Effective, Row};

/// The tables of one place.
struct Document {
    origin: Origin,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    items: Vec<Item>,
}

/// The work of resolving: it holds the documents, highest place first, and collects what is wrong.
pub(super) struct Resolution<'a> {
    definitions: &'a [Definition],
    documents: Vec<Document>,
    rows: Vec<Row>,
    errors: Vec<SettingError>,
    warnings: Vec<SettingError>,
}

/// What came of it.
pub(super) struct Resolved {
    pub(super) settings: Effective,
    pub(super) errors: Vec<SettingError>,
    pub(super) warnings: Vec<SettingError>,
}

/// Resolves every setting. One that is wrong in some place is an error, also when a higher place
/// overrides it; where it would have counted, its default stands in.
pub(super) fn resolve(gathered: Gathered) -> Resolved {
    let definitions = definitions();
    let mut resolution = Resolution {
        definitions: &definitions,
        documents: Vec::new(),
        rows: Vec::new(),
        errors: gathered.errors,
        warnings: Vec::new(),
    };
    for source in gathered.sources {
        resolution.read(source);
    }
    let settings = Effective::resolve(&mut resolution);
    Resolved {
        settings,
        errors: resolution.errors,
        warnings: resolution.warnings,
    }
}

impl Resolution<'_> {
    fn read(&mut self, source: Source) {
        let origin = source.origin;
        let items = match source.content {
            Content::Text(text) => raw::parse(&text),
            Content::Keys(tree) => Ok(registry::items(&tree, &origin, self.definitions)),
        };
        let items = match items {
            Ok(items) => items,
            Err(errors) => {
                for error in errors {
                    let problem = Problem::Syntax(error.message);
                    self.error(origin.at(error.at.as_ref()), None, problem);
                }
                return;
            }
        };
        let mut tables = Vec::new();
        for item in items {
            tables.extend(self.table(&origin, source.standing, item));
        }
        self.documents.push(Document { origin, tables });
    }

    /// The table, when there is such a table and it counts in this place.
    fn table(&mut self, origin: &Origin, standing: Standing, item: Item) -> Option<Table> {
        let at = origin.at(item.at.as_ref());
        let key = format!("[{}]", item.key);
        if !TABLES.iter().any(|(name, _)| *name == item.key) {
            let names: Vec<_> = TABLES.iter().map(|(name, _)| format!("[{name}]")).collect();
            let allowed = names.join(", ");
            self.unknown(at, key, Problem::UnknownTable { allowed });
            return None;
        }
        if origin.place == Place::User && item.key != "desktop" {
            let why = "the user's own file is for [desktop] only";
            self.error(at, Some(key), Problem::NotHere(why));
            return None;
        }
        if item.key == "hooks" && standing == Standing::User {
            let why = "hooks count only from what administrators alone can write";
            self.error(at, Some(key), Problem::NotHere(why));
            return None;
        }
        let Raw::Table(items) = item.value.raw else {
            let found = item.value.raw.to_string();
            let allowed = "a table".to_owned();
            self.error(at, Some(key), Problem::Value { found, allowed });
            return None;
        };
        self.refuse_unknown_keys(origin, &item.key, &items);
        Some(Table {
            name: item.key,
            items,
        })
    }

    fn refuse_unknown_keys(&mut self, origin: &Origin, table: &str, items: &[Item]) {
        let known: Vec<_> = self
            .definitions
            .iter()
            .filter(|definition| definition.table == table)
            .map(|definition| definition.key)
            .collect();
        for item in items {
            if !known.contains(&item.key.as_str()) {
                let key = format!("[{table}] {}", item.key);
                let allowed = known.join(", ");
                let at = origin.at(item.at.as_ref());
                self.unknown(at, key, Problem::UnknownKey { allowed });
            }
        }
    }

    /// What holds for one setting.
    pub(super) fn setting<R: Rule>(
        &mut self,
        table: &'static str,
        key: &'static str,
        rule: &R,
        default: fn() -> R::Value,
    ) -> R::Value {
        let mut found = Vec::new();
        let mut usable = true;
        for (value, origin) in self.written(table, key) {
            let reading = rule.read(&value.value);
            let fits = self.judge(table, key, &origin, reading.misfits);
            // A place below one that is wrong must not win instead of it.
            usable &= fits || !found.is_empty();
            found.extend(
                reading
                    .value
                    .filter(|_| fits && usable)
                    .map(|value| (value, origin)),
            );
        }
        let (value, shown) = rule.join(found).unwrap_or_else(|| {
            let value = default();
            let shown = rule.show(&value);
            (value, vec![Shown::whole(shown, Origin::DEFAULT)])
        });
        self.rows
            .extend(shown.into_iter().map(|shown| Row::new(table, key, shown)));
        value
    }

    /// What is written for a setting, highest place first.
    fn written(&self, table: &str, key: &str) -> Vec<(Item, Origin)> {
        let mut written = Vec::new();
        for document in &self.documents {
            let tables = document.tables.iter().filter(|found| found.name == table);
            for item in tables.flat_map(|found| &found.items) {
                if item.key == key {
                    written.push((item.clone(), document.origin.at(item.at.as_ref())));
                }
            }
        }
        written
    }

    /// Whether a value may be used in spite of its misfits.
    fn judge(&mut self, table: &str, key: &str, origin: &Origin, misfits: Vec<Misfit>) -> bool {
        let errors = self.errors.len();
        for misfit in misfits {
            let at = origin.at(misfit.at.as_ref());
            let key = format!("[{table}] {key}{}", misfit.part);
            match misfit.kind {
                MisfitKind::Wrong { found, allowed } => {
                    self.error(at, Some(key), Problem::Value { found, allowed });
                }
                MisfitKind::Missing { allowed } => {
                    self.error(at, Some(key), Problem::Missing { allowed });
                }
                MisfitKind::UnknownKey { allowed } => {
                    self.unknown(at, key, Problem::UnknownKey { allowed });
                }
            }
        }
        self.errors.len() == errors
    }

    /// An unknown name is wrong, but in a policy: a newer template must not stop older agents.
    fn unknown(&mut self, origin: Origin, key: String, problem: Problem) {
        if origin.place == Place::Policy {
            self.warnings.push(SettingError {
                origin,
                key: Some(key),
                problem,
            });
        } else {
            self.error(origin, Some(key), problem);
        }
    }

    fn error(&mut self, origin: Origin, key: Option<String>, problem: Problem) {
        self.errors.push(SettingError {
            origin,
            key,
            problem,
        });
    }

    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }
}
