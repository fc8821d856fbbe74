//! `cardea.admx`: what the policies write.

use super::policies::{Control, Element, Kind, Policy};
use super::xml::{Escaped, word_id};
use crate::settings::tables::TABLES;

pub(super) fn write(policies: &[Policy]) -> String {
    let categories: String = TABLES.iter().map(|(table, _)| category(table)).collect();
    let policies: String = policies.iter().map(policy).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="cardea" namespace="Cardea.Policies" />
  </policyNamespaces>
  <resources minRequiredRevision="1.0" fallbackCulture="en-GB" />
  <supportedOn>
    <definitions>
      <definition name="SUPPORTED_Cardea" displayName="$(string.SUPPORTED_Cardea)" />
    </definitions>
  </supportedOn>
  <categories>
    <category name="Cardea" displayName="$(string.category_Cardea)" explainText="$(string.category_Cardea_explain)" />
{categories}  </categories>
  <policies>
{policies}  </policies>
</policyDefinitions>
"#
    )
}

fn category(table: &str) -> String {
    format!(
        r#"    <category name="{table}" displayName="$(string.category_{table})" explainText="$(string.category_{table}_explain)">
      <parentCategory ref="Cardea" />
    </category>
"#
    )
}

fn policy(policy: &Policy) -> String {
    let (name, table, key) = (&policy.name, policy.table, Escaped(&policy.key));
    let (own, inside) = match &policy.control {
        Control::Toggle(value_name, _) => (
            format!(r#" valueName="{value_name}""#),
            "      <enabledValue><decimal value=\"1\" /></enabledValue>
      <disabledValue><decimal value=\"0\" /></disabledValue>
"
            .to_owned(),
        ),
        Control::Elements(elements) => {
            let each = elements.iter().map(|each| element(name, each));
            (
                format!(r#" presentation="$(presentation.{name})""#),
                format!(
                    "      <elements>\n{}      </elements>\n",
                    each.collect::<String>()
                ),
            )
        }
    };
    format!(
        r#"    <policy name="{name}" class="Machine" displayName="$(string.{name})" explainText="$(string.{name}_explain)" key="{key}"{own}>
      <parentCategory ref="{table}" />
      <supportedOn ref="SUPPORTED_Cardea" />
{inside}    </policy>
"#
    )
}

fn element(policy: &str, element: &Element) -> String {
    let value = element.value_name;
    let required = match element.required {
        true => r#" required="true""#,
        false => "",
    };
    let named = format!(r#"id="{value}" valueName="{value}"{required}"#);
    match &element.kind {
        Kind::Words(words, _) => {
            let items = words.iter().map(|word| {
                let id = word_id(policy, value, word);
                let word = Escaped(word);
                format!("          <item displayName=\"$(string.{id})\"><value><string>{word}</string></value></item>\n")
            });
            let items = items.collect::<String>();
            format!("        <enum {named}>\n{items}        </enum>\n")
        }
        Kind::Number { min, max, .. } => {
            format!("        <decimal {named} minValue=\"{min}\" maxValue=\"{max}\" />\n")
        }
        Kind::Line(_) => format!("        <text {named} maxLength=\"1023\" />\n"),
        Kind::Lines(_, max) => {
            format!("        <multiText {named} maxLength=\"1023\" maxStrings=\"{max}\" />\n")
        }
    }
}
