//! What the Group Policy editor writes for a policy is what the agent reads as that setting.

use roxmltree::{Document, Node};

use super::{Named as _, Texts, all, attribute, elements, inside};
use crate::settings::origin::Place;
use crate::settings::registry::Value;
use crate::settings::tests::registry::load_policy;
use crate::settings::tests::shown;

/// What an administrator types where the template suggests nothing, by the start of the policy's name
/// and the element.
const TYPED: &[(&str, &str, &str)] = &[
    ("cis2", "scopes", "openid"),
    ("cis2", "smartcard_evidence", "*SMARTCARD*"),
    ("cis2", "smartcard_evidence_in", "amr"),
    ("api", "id", "docman"),
    ("api", "name", "Docman"),
    ("api", "scopes", "session:read"),
    (
        "api",
        "token_sha256",
        "1111111111111111111111111111111111111111111111111111111111111111",
    ),
    ("card", "id", "docman"),
    ("card", "name", "A card"),
    ("card", "atr", "3B F9 18 00"),
];

/// What the editor writes for an element that is left as it is offered, or typed when nothing is.
fn written(adml: &Document<'_>, policy: &str, element: Node<'_, '_>) -> Vec<Value> {
    let id = attribute(element, "id");
    let presentation = all(adml, "presentation").find(|node| node.attribute("id") == Some(policy));
    let control = inside(presentation.unwrap()).find(|node| node.attribute("refId") == Some(id));
    let control = control.unwrap();
    let typed = TYPED
        .iter()
        .find(|(start, name, _)| policy.starts_with(start) && *name == id);
    let typed = typed.map_or(String::new(), |(_, _, text)| (*text).to_owned());
    match element.tag_name().name() {
        "enum" => {
            let mut items: Vec<_> = inside(element).collect();
            let default: usize = attribute(control, "defaultItem").parse().unwrap();
            items.swap(0, default);
            let texts = items.iter().map(|item| {
                let text = item
                    .descendants()
                    .find(|node| node.has_tag_name_of("string"));
                Value::Text(text.and_then(|text| text.text()).unwrap().to_owned())
            });
            texts.collect()
        }
        "decimal" => [
            attribute(control, "defaultValue"),
            attribute(element, "minValue"),
            attribute(element, "maxValue"),
        ]
        .map(|number| Value::Number(number.parse().unwrap()))
        .into(),
        "text" => {
            let default = inside(control).find(|node| node.has_tag_name_of("defaultValue"));
            let text = default.map_or(typed, |node| node.text().unwrap().to_owned());
            let required = element.attribute("required") == Some("true");
            assert!(!required || !text.is_empty(), "{element:?}");
            vec![Value::Text(text)]
        }
        "multiText" => {
            let lines = Some(typed).filter(|text| !text.is_empty());
            vec![Value::Texts(lines.into_iter().collect())]
        }
        other => panic!("the editor knows no {other}"),
    }
}

/// Everything that the editor may write for a policy, each with the paths below the policies' key;
/// first what it offers.
fn choices(adml: &Document<'_>, policy: Node<'_, '_>) -> Vec<Vec<(String, Value)>> {
    let key = attribute(policy, "key").strip_prefix(r"Software\Policies\Cardea\");
    let path = |name: &str| format!(r"{}\{name}", key.unwrap());
    if let Some(name) = policy.attribute("valueName") {
        return [0, 1]
            .map(|number| vec![(path(name), Value::Number(number))])
            .into();
    }
    let name = attribute(policy, "name");
    let offered: Vec<_> = elements(policy)
        .map(|element| {
            let values = written(adml, name, element);
            (path(attribute(element, "valueName")), values)
        })
        .collect();
    let most = offered.iter().map(|(_, values)| values.len()).max();
    let choice = |number: usize| {
        let one = |(path, values): &(String, Vec<Value>)| {
            (path.clone(), values[number.min(values.len() - 1)].clone())
        };
        offered.iter().map(one).collect()
    };
    (0..most.unwrap()).map(choice).collect()
}

/// The setting that a value is for, or the entry.
fn setting_of(path: &str) -> String {
    match path.split('\\').collect::<Vec<_>>()[..] {
        [table, key] => format!("{table}.{key}"),
        [table, key, _, _] => format!("{table}.{key}.docman"),
        _ => panic!("{path}"),
    }
}

#[test]
fn whatever_the_editor_offers_the_agent_takes_as_the_policy() {
    let texts = Texts::read();
    let (admx, adml) = texts.parse();
    for policy in all(&admx, "policy") {
        for (number, choice) in choices(&adml, policy).into_iter().enumerate() {
            let values = choice.iter();
            let values: Vec<_> = values
                .map(|(path, value)| (path.as_str(), value.clone()))
                .collect();
            let loaded = load_policy(&values);
            let name = attribute(policy, "name");
            if number == 0 {
                assert_eq!(shown(&loaded.errors), "", "{name}");
            }
            // One that does not go with other settings' defaults is taken all the same; one that is
            // no value of its setting is not.
            let origin = loaded.settings.origin(&setting_of(values[0].0));
            let place = origin.map(|origin| origin.place);
            assert_eq!(place, Some(Place::Policy), "{name}: {choice:?}");
        }
    }
}
