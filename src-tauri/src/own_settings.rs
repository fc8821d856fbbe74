//! The settings: what holds and where it comes from, and those that are the user's to change.

use cardea_desktop_model::setting_value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::arguments::AgentArguments;
use crate::tools::{self, ToolError};

/// What the page shows.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    rows: Vec<Row>,
    /// The table `[desktop]`, by key.
    desktop: Map<String, Value>,
}

/// One setting, as `cardea config show --json` has it.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    key: String,
    value: String,
    #[serde(flatten)]
    origin: Map<String, Value>,
}

/// The settings as they are.
pub(crate) async fn show(agent: &AgentArguments) -> Result<Settings, ToolError> {
    let rows = tools::json(agent, &["config", "show", "--json"]).await?;
    Ok(of_rows(rows))
}

/// Changes one of `[desktop]` for this user; gives what holds then.
pub(crate) async fn set(
    agent: &AgentArguments,
    key: &str,
    value: &Value,
) -> Result<Settings, ToolError> {
    let is_key = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    if key.is_empty() || !key.chars().all(is_key) {
        return Err(ToolError::Failed("that is no setting".to_owned()));
    }
    let key = format!("desktop.{key}");
    let value = as_toml(value)?;
    let arguments = ["config", "set", "--json", &key, &value];
    let rows = tools::json(agent, &arguments).await?;
    Ok(of_rows(rows))
}

impl Settings {
    /// Whether Cardea starts when the user logs on.
    pub(crate) fn autostart(&self) -> bool {
        self.desktop.get("autostart") != Some(&Value::Bool(false))
    }
}

fn of_rows(rows: Vec<Row>) -> Settings {
    let desktop = rows.iter().filter_map(|row| {
        let key = row.key.strip_prefix("desktop.")?;
        Some((key.to_owned(), of_toml(&row.value)?))
    });
    Settings {
        desktop: desktop.collect(),
        rows,
    }
}

fn of_toml(value: &str) -> Option<Value> {
    serde_json::to_value(setting_value(value)?).ok()
}

fn as_toml(value: &Value) -> Result<String, ToolError> {
    let value = toml::Value::try_from(value);
    let value = value.map_err(|_| ToolError::Failed("that is no value of a setting".to_owned()))?;
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_passed_on_and_the_users_own_read() {
        let rows = json!([
            {"key": "desktop.show_name", "value": "true", "place": "user", "path": "/u.toml", "line": 2},
            {"key": "desktop.notifications", "value": "[\"expiring\"]", "place": "default"},
            {"key": "cis2.client_id", "value": "\"a\"", "place": "policy", "path": "HKLM", "value_name": "client_id"},
        ]);
        let settings = of_rows(serde_json::from_value(rows.clone()).unwrap());
        let written = serde_json::to_value(settings).unwrap();
        assert_eq!(written["rows"], rows);
        let own = json!({"show_name": true, "notifications": ["expiring"]});
        assert_eq!(written["desktop"], own);
    }

    #[test]
    fn what_the_page_chose_is_written_as_settings_are() {
        for (chosen, written) in [
            (json!(true), "true"),
            (json!("system"), "\"system\""),
            (json!("a \"b\" \\"), "'a \"b\" \\'"),
            (json!(["expiring", "pairing"]), r#"["expiring", "pairing"]"#),
        ] {
            let text = as_toml(&chosen).unwrap();
            assert_eq!(text, written);
            assert_eq!(of_toml(&text), Some(chosen));
        }
        assert!(as_toml(&json!(null)).is_err());
    }
}
