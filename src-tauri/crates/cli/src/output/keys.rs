//! Keys as text, and as JSON.

use std::io::{self, Write};

use cardea_agent::credential::{KeyDescription, KeyHome, KeyScope, KeyUsed};
use serde::Serialize;
use serde_json::Value;

use super::json;

/// Writes a line for each key, and at the one that signs since when.
pub(crate) fn write(
    keys: &[KeyDescription],
    used: Option<&KeyUsed>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for row in keys.iter().map(|key| Row::of(key, used)) {
        let Row {
            kid,
            kind,
            home,
            scope,
            created_at,
            in_use,
            in_use_since,
            ..
        } = row;
        let created_at = created_at.as_deref().unwrap_or("-");
        write!(out, "{kid}  {kind:<7}  {home:<8}  {scope:<7}  {created_at}")?;
        match (in_use, in_use_since) {
            (true, Some(since)) => writeln!(out, "  in use since {since}")?,
            (true, None) => writeln!(out, "  in use")?,
            (false, _) => writeln!(out)?,
        }
    }
    Ok(())
}

/// Writes the list.
pub(crate) fn write_json(
    keys: &[KeyDescription],
    used: Option<&KeyUsed>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows: Vec<_> = keys.iter().map(|key| Row::of(key, used)).collect();
    json::pretty(&rows, out)
}

/// Writes where a new key is, and why it is not in the TPM.
pub(crate) fn write_created(
    key: &KeyDescription,
    why_not_tpm: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", in_words(key))?;
    match why_not_tpm {
        Some(why) => writeln!(out, "It is not in the TPM: {why}."),
        None => Ok(()),
    }
}

/// Writes a new key, and why it is not in the TPM.
pub(crate) fn write_created_json(
    key: &KeyDescription,
    why_not_tpm: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let created = Created {
        kid: &key.kid,
        kind: key.kind.as_str(),
        home: key.home.as_str(),
        scope: key.scope.as_str(),
        exportable: key.home.is_exportable(),
        created_at: key.created_at.map(|at| at.to_string()),
        why_not_tpm,
    };
    json::pretty(&created, out)
}

/// Writes what goes into a broker's approval list.
pub(crate) fn write_thumbprints(jwks: &Value, out: &mut dyn Write) -> io::Result<()> {
    let keys = jwks["keys"].as_array();
    for kid in keys
        .into_iter()
        .flatten()
        .filter_map(|key| key["kid"].as_str())
    {
        writeln!(
            out,
            "A line for the broker's approval list: {kid}  NAME-OF-THIS-COMPUTER"
        )?;
    }
    Ok(())
}

/// A key as scripts get it.
#[derive(Serialize)]
struct Row {
    kid: String,
    kind: &'static str,
    home: &'static str,
    scope: &'static str,
    exportable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    in_use: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_use_since: Option<String>,
}

/// A new key as scripts get it.
#[derive(Serialize)]
struct Created<'a> {
    kid: &'a str,
    kind: &'static str,
    home: &'static str,
    scope: &'static str,
    exportable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not_tpm: Option<&'a str>,
}

impl Row {
    fn of(key: &KeyDescription, used: Option<&KeyUsed>) -> Self {
        let used = used.filter(|used| used.kid == key.kid && used.scope == key.scope);
        let since = used.and_then(|used| used.since);
        Self {
            in_use: used.is_some(),
            in_use_since: since.map(|at| at.to_string()),
            kid: key.kid.clone(),
            kind: key.kind.as_str(),
            home: key.home.as_str(),
            scope: key.scope.as_str(),
            exportable: key.home.is_exportable(),
            created_at: key.created_at.map(|at| at.to_string()),
        }
    }
}

fn in_words(key: &KeyDescription) -> String {
    let whose = match key.scope {
        KeyScope::Machine => "for the interactive users of this computer",
        KeyScope::User => "for this user",
    };
    let place = match key.home {
        KeyHome::Tpm => "in the TPM, from where it cannot be taken",
        KeyHome::Software => "held by the operating system, which does not give it out",
        KeyHome::Keystore => "in the keystore, where programs of the user can read it",
    };
    format!("A {} key {whose}, {place}.", key.kind.as_str())
}

#[cfg(test)]
mod tests {
    use cardea_agent::credential::KeyKind;
    use cardea_client::session::Time;

    use super::*;

    fn key(home: KeyHome) -> KeyDescription {
        KeyDescription {
            kid: "the-kid".to_owned(),
            kind: KeyKind::Rsa2048,
            created_at: None,
            home,
            scope: KeyScope::Machine,
        }
    }

    fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_key_is_listed_with_where_it_is() {
        let keys = [key(KeyHome::Tpm), key(KeyHome::Keystore)];
        assert_eq!(
            written(|out| write(&keys, None, out)),
            "the-kid  rsa2048  tpm       machine  -\nthe-kid  rsa2048  keystore  machine  -\n"
        );
        let json: Value =
            serde_json::from_str(&written(|out| write_json(&keys, None, out))).unwrap();
        assert_eq!(json[0]["home"], "tpm");
        assert_eq!(json[0]["exportable"], false);
        assert_eq!(json[1]["exportable"], true);
        assert_eq!(json[0].get("created_at"), None);
    }

    #[test]
    fn the_key_that_signs_is_listed_with_since_when() {
        let mut keys = [key(KeyHome::Tpm), key(KeyHome::Tpm)];
        keys[1].kid = "other".to_owned();
        let mut used = KeyUsed {
            kid: "other".to_owned(),
            scope: KeyScope::Machine,
            since: Time::from_unix(1_760_000_000).ok(),
        };
        let text = written(|out| write(&keys, Some(&used), out));
        let lines: Vec<_> = text.lines().collect();
        assert!(!lines[0].contains("in use"), "{text}");
        let since = "2025-10-09T08:53:20.000Z";
        assert!(
            lines[1].ends_with(&format!("  in use since {since}")),
            "{text}"
        );
        let json = written(|out| write_json(&keys, Some(&used), out));
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json[0]["in_use"], false);
        assert_eq!(json[1]["in_use"], true);
        assert_eq!(json[1]["in_use_since"], since);

        used.since = None;
        let text = written(|out| write(&keys, Some(&used), out));
        assert!(text.ends_with("  in use\n"), "{text}");
        used.scope = KeyScope::User;
        let text = written(|out| write(&keys, Some(&used), out));
        assert!(!text.contains("in use"), "{text}");
    }

    #[test]
    fn what_became_of_a_new_key_is_told() {
        let in_software = key(KeyHome::Software);
        assert_eq!(
            written(|out| write_created(&in_software, Some("the TPM: it is off"), out)),
            "A rsa2048 key for the interactive users of this computer, held by the operating \
             system, which does not give it out.\nIt is not in the TPM: the TPM: it is off.\n"
        );
        let json: Value = serde_json::from_str(&written(|out| {
            write_created_json(&in_software, Some("the TPM: it is off"), out)
        }))
        .unwrap();
        assert_eq!(json["home"], "software");
        assert_eq!(json["why_not_tpm"], "the TPM: it is off");
    }
}
