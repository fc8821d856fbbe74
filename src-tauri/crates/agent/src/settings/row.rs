//! Settings as `config show` lists them.

use cardea_local_api::SettingView;
use serde::Serialize;
use toml::{Table, Value};

use super::Origin;
use super::rule::Shown;

/// One setting, or one entry of a list that all places add to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `table.key`, or `table.key.id` for an entry.
    pub key: String,
    /// The value as TOML; token hashes are not shown.
    pub value: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

impl Row {
    /// The same for others to see: of a hook the program alone, as its arguments may hold what is not
    /// for them.
    pub(crate) fn for_others(&self) -> Self {
        let value = match self.key.starts_with("hooks.") {
            true => first_only(&self.value),
            false => self.value.clone(),
        };
        Self {
            value,
            ..self.clone()
        }
    }

    /// The same for programs.
    pub(crate) fn view(&self) -> SettingView {
        let Self { key, value, origin } = self.for_others();
        SettingView {
            key,
            value,
            origin: origin.to_string(),
        }
    }

    pub(super) fn new(table: &str, key: &str, shown: Shown) -> Self {
        let entry = shown.entry.map(|id| format!(".{id}")).unwrap_or_default();
        Self {
            key: format!("{table}.{key}{entry}"),
            value: shown.value,
            origin: shown.origin,
        }
    }
}

/// A list with its first element alone.
fn first_only(list: &str) -> String {
    let parsed = format!("list = {list}").parse::<Table>().ok();
    let list = parsed.and_then(|mut table| table.remove("list"));
    let first = match list {
        Some(Value::Array(list)) => list.into_iter().take(1).collect(),
        Some(_) | None => Vec::new(),
    };
    Value::Array(first).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(key: &str, value: &str) -> String {
        let row = Row {
            key: key.to_owned(),
            value: value.to_owned(),
            origin: Origin::DEFAULT,
        };
        row.view().value
    }

    #[test]
    fn programs_do_not_see_what_a_hook_is_given() {
        let hook = r#"["/opt/it/notify", "--key", "a secret"]"#;
        let shown = seen("hooks.on_session_end", hook);
        assert_eq!(shown, r#"["/opt/it/notify"]"#);
        assert_eq!(seen("hooks.on_session_end", "[]"), "[]");
        let scopes = r#"["openid", "profile"]"#;
        assert_eq!(seen("cis2.scopes", scopes), scopes);
    }
}
