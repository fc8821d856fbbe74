//! `intune.md`: the address and a value of every policy for mobile device management.

use super::policies::{Control, Element, Kind, Policy};
use super::xml::Escaped;

const HEAD: &str = "\
# Policies by OMA-URI

Made of the settings' definitions, as the template is; change neither by hand. Not yet seen on a computer that Intune
manages.

First give the computers the template, as a custom OMA-URI of the type String with the text of `cardea.admx` as its value:

    ./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/Cardea/Policy/CardeaTemplate

Then each policy, also of the type String, at `./Device/Vendor/MSFT/Policy/Config/` and the address below. The value says
what the policy's defaults are: change what stands in `value`. `&#xF000;` stands between the lines of a list. `<disabled/>` is
false where the value below is `<enabled/>` or `<disabled/>`; elsewhere it takes the policy back.

Instead of both, `cardea.admx` and `cardea.adml` can be imported (Devices, Configuration, Import ADMX), as English (United
States): Intune takes language files of no other, and this one does not say which it is. The settings are then chosen in a
profile. Before a newer template is imported, the profile and the older template have to go.

| address | value |
|---|---|
";

pub(super) fn write(policies: &[Policy]) -> String {
    let rows: String = policies.iter().map(row).collect();
    format!("{HEAD}{rows}")
}

/// Where a policy is, behind `Policy/Config/`.
pub(super) fn address(policy: &Policy) -> String {
    format!("Cardea~Policy~Cardea~{}/{}", policy.table, policy.name)
}

fn row(policy: &Policy) -> String {
    let address = address(policy);
    let value = match &policy.control {
        Control::Toggle(_, true) => "`<enabled/>`".to_owned(),
        Control::Toggle(_, false) => "`<disabled/>`".to_owned(),
        Control::Elements(elements) => {
            let data: String = elements.iter().map(data).collect();
            format!("`<enabled/>{data}`")
        }
    };
    format!("| `{address}` | {value} |\n")
}

fn data(element: &Element) -> String {
    let value = match &element.kind {
        Kind::Words(words, default) => words[*default].to_owned(),
        Kind::Number { default, .. } => default.to_string(),
        Kind::Line(default) => default.clone(),
        Kind::Lines(defaults, _) => defaults.join("\u{F000}"),
    };
    let value = Escaped(&value).to_string().replace('\u{F000}', "&#xF000;");
    format!(r#"<data id="{}" value="{value}"/>"#, element.value_name)
}
