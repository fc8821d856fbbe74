//! The text of the user's file with one setting changed, and everything else as it was.

use toml_edit::{DocumentMut, Item, TomlError, Value};

use crate::settings::error::{Problem, SettingError};
use crate::settings::origin::{Origin, Spot};
use crate::settings::raw;

/// A setting in a file.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) file: &'a Origin,
    pub(super) table: &'static str,
    pub(super) name: &'static str,
}

/// A value as it is typed: TOML, or a word that stands for a text.
///
/// # Errors
/// Why it is not TOML, when it begins as something that is no word.
pub(super) fn value(typed: &str) -> Result<Value, String> {
    match typed.trim().parse::<Value>() {
        Ok(mut value) => {
            value.decor_mut().clear();
            Ok(value)
        }
        Err(error) if typed.trim_start().starts_with(['"', '\'', '[', '{']) => {
            Err(error.message().to_owned())
        }
        Err(_) => Ok(typed.into()),
    }
}

/// `text` with the setting set to `value`.
///
/// # Errors
/// When the text is not TOML, or the table is something else.
pub(super) fn with(
    text: &str,
    setting: Setting<'_>,
    value: Value,
) -> Result<String, Box<SettingError>> {
    let Setting { table, name, .. } = setting;
    if let Err(errors) = raw::parse(text) {
        let first = errors.into_iter().next();
        let (at, message) = first.map_or_else(Default::default, |first| (first.at, first.message));
        return Err(setting.wrong(at.as_ref(), None, Problem::Syntax(message)));
    }
    let mut document: DocumentMut = text.parse().map_err(|error: TomlError| {
        setting.wrong(None, None, Problem::Syntax(error.message().to_owned()))
    })?;
    let Some(found) = document.get_mut(table) else {
        return Ok(with_table(text, &format!("[{table}]\n{name} = {value}\n")));
    };
    let Some(found) = found.as_table_like_mut() else {
        let problem = Problem::Value {
            found: found.type_name().to_owned(),
            allowed: "a table".to_owned(),
        };
        return Err(setting.wrong(None, Some(format!("[{table}]")), problem));
    };
    match found.get_mut(name) {
        Some(item) => *item = Item::Value(in_place_of(item, value)),
        None => _ = found.insert(name, value.into()),
    }
    Ok(ended_as(text, &document.to_string()))
}

impl Setting<'_> {
    fn wrong(&self, at: Option<&Spot>, key: Option<String>, problem: Problem) -> Box<SettingError> {
        Box::new(SettingError {
            origin: self.file.at(at),
            key,
            problem,
        })
    }
}

/// A value where another was, with the comment behind that.
fn in_place_of(old: &Item, mut value: Value) -> Value {
    if let Some(old) = old.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    value
}

/// A table that is not there comes last: what is written above stays where it is.
fn with_table(text: &str, table: &str) -> String {
    let between = match text {
        "" => "",
        _ if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    ended_as(text, &format!("{text}{between}{table}"))
}

/// Ends every line as `text` does; editors on Windows end them otherwise than we do.
fn ended_as(text: &str, edited: &str) -> String {
    let edited = edited.replace("\r\n", "\n");
    match text.contains("\r\n") {
        true => edited.replace('\n', "\r\n"),
        false => edited,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &'static str) -> Setting<'static> {
        Setting {
            file: &Origin::DEFAULT,
            table: "desktop",
            name,
        }
    }

    fn set(text: &str, name: &'static str, typed: &str) -> String {
        with(text, place(name), value(typed).unwrap()).unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    #[test]
    fn everything_else_stays_as_it_was() {
        let text = "# Mine.\n\n[desktop]   # all of it\n# In Wales.\nlanguage='cy' # so\nautostart  =  true\n\n# The end.\n";
        let expected = text.replace("'cy'", "\"en\"");
        assert_eq!(set(text, "language", "en"), expected);
        let expected = text.replace("  true\n", "  true\nshow_name = true\n");
        assert_eq!(set(text, "show_name", "true"), expected);
        assert_eq!(
            set(text, "language", "cy").replace("\"cy\"", "'cy'"),
            text,
            "setting what it is changes its quotes alone"
        );
    }

    #[test]
    fn a_table_that_is_not_there_comes_last() {
        let made = "[desktop]\nshow_name = true\n";
        assert_eq!(set("", "show_name", "true"), made);
        for (text, between) in [("# Mine.\n", "\n"), ("# Mine.", "\n\n"), ("\n", "\n")] {
            let expected = format!("{text}{between}{made}");
            assert_eq!(set(text, "show_name", "true"), expected, "{text:?}");
        }
    }

    #[test]
    fn a_table_may_be_written_in_any_way() {
        for (text, expected) in [
            (
                "desktop = { language = \"cy\" }\n",
                "desktop = { language = \"cy\" , show_name = true }\n",
            ),
            (
                "desktop.language = \"cy\"\n",
                "desktop.language = \"cy\"\ndesktop.show_name = true\n",
            ),
        ] {
            let set = set(text, "show_name", "true");
            let spaceless = |text: &str| text.replace(' ', "");
            assert_eq!(spaceless(&set), spaceless(expected));
            assert!(raw::parse(&set).is_ok(), "{set}");
        }
        let wrong = with("desktop = 7", place("show_name"), true.into());
        assert_eq!(wrong.err().unwrap().key.as_deref(), Some("[desktop]"));
    }

    #[test]
    fn lines_end_as_they_did() {
        let text = "# Mine.\r\n[desktop]\r\nautostart = true\r\n";
        let expected = "# Mine.\r\n[desktop]\r\nautostart = false\r\n";
        assert_eq!(set(text, "autostart", "false"), expected);
        let added = set("# Mine.\r\n", "autostart", "false");
        assert_eq!(added, "# Mine.\r\n\r\n[desktop]\r\nautostart = false\r\n");
    }

    #[test]
    fn a_word_that_is_no_toml_is_a_text() {
        for (typed, is) in [
            ("cy", "\"cy\""),
            ("\"cy\"", "\"cy\""),
            (" true ", "true"),
            ("[\"a\",\"b\"]", "[\"a\",\"b\"]"),
            (r"C:\Program Files\x.exe", r"'C:\Program Files\x.exe'"),
            (
                "true\nautostart = false",
                "\"\"\"\ntrue\nautostart = false\"\"\"",
            ),
            ("", "\"\""),
        ] {
            assert_eq!(value(typed).unwrap().to_string(), is, "{typed}");
        }
        for broken in ["[\"a\"", "\"a", "'a", "{ a = ", "[\"a\"] b"] {
            assert!(value(broken).is_err(), "{broken}");
        }
    }
}
