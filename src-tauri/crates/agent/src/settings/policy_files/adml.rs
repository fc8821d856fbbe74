//! `cardea.adml`: what an administrator reads.

use super::policies::{Control, Element, Kind, Policy, title};
use super::xml::{Escaped, word_id};
use crate::settings::tables::TABLES;

pub(super) fn write(policies: &[Policy]) -> String {
    let strings = categories().chain(policies.iter().flat_map(strings));
    let strings: String = strings
        .map(|(id, text)| {
            let text = Escaped(&text);
            format!("      <string id=\"{id}\">{text}</string>\n")
        })
        .collect();
    let presentations: String = policies.iter().filter_map(presentation).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitionResources xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <displayName>Cardea</displayName>
  <description>Settings of Cardea, the smartcard bridge, for IT.</description>
  <resources>
    <stringTable>
      <string id="SUPPORTED_Cardea">Cardea on Windows 10 and Windows 11</string>
{strings}    </stringTable>
    <presentationTable>
{presentations}    </presentationTable>
  </resources>
</policyDefinitionResources>
"#
    )
}

fn categories() -> impl Iterator<Item = (String, String)> {
    let root = ("Cardea", "The smartcard bridge for clinical programs.");
    std::iter::once(root)
        .chain(TABLES.iter().copied())
        .flat_map(|(name, about)| {
            [
                (format!("category_{name}"), title(name)),
                (format!("category_{name}_explain"), about.to_owned()),
            ]
        })
}

fn strings(policy: &Policy) -> Vec<(String, String)> {
    let name = &policy.name;
    let mut strings = vec![
        (name.clone(), policy.title.clone()),
        (format!("{name}_explain"), policy.explanation.clone()),
    ];
    if let Control::Elements(elements) = &policy.control {
        for element in elements {
            if let Kind::Words(words, _) = &element.kind {
                let shown = |word: &&str| {
                    let id = word_id(name, element.value_name, word);
                    (id, (*word).to_owned())
                };
                strings.extend(words.iter().map(shown));
            }
        }
    }
    strings
}

fn presentation(policy: &Policy) -> Option<String> {
    let Control::Elements(elements) = &policy.control else {
        return None;
    };
    let name = &policy.name;
    let controls: String = elements.iter().map(control).collect();
    Some(format!(
        "      <presentation id=\"{name}\">\n{controls}      </presentation>\n"
    ))
}

fn control(element: &Element) -> String {
    let (refers, label) = (
        format!(r#"refId="{}""#, element.value_name),
        Escaped(&element.label),
    );
    match &element.kind {
        Kind::Words(_, default) => format!(
            "        <dropdownList {refers} noSort=\"true\" defaultItem=\"{default}\">{label}</dropdownList>\n"
        ),
        Kind::Number { default, .. } => format!(
            "        <decimalTextBox {refers} defaultValue=\"{default}\">{label}</decimalTextBox>\n"
        ),
        Kind::Line(default) => {
            let default = match default.as_str() {
                "" => String::new(),
                text => format!("<defaultValue>{}</defaultValue>", Escaped(text)),
            };
            format!("        <textBox {refers}><label>{label}</label>{default}</textBox>\n")
        }
        Kind::Lines(..) => format!("        <multiTextBox {refers}>{label}</multiTextBox>\n"),
    }
}
