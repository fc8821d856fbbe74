//! The synthetic people who can sign in, shaped as CIS2 describes its users (cis2.md 3.9).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Person {
    /// The user id: `sub`, `uid` and `nhsid_useruid`.
    pub id: String,
    /// `title`.
    pub title: String,
    /// `given_name`.
    pub given_name: String,
    /// `family_name`.
    pub family_name: String,
    /// What the PIN of this person's card is.
    pub pin: String,
    /// This person's roles; may be empty.
    pub roles: Vec<PersonRole>,
}

/// A role that a person holds in an organisation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PersonRole {
    /// `person_roleid`.
    pub id: String,
    /// `person_orgid`.
    pub person_orgid: String,
    /// `org_code`.
    pub org_code: String,
    /// `org_name` in `nhsid_user_orgs`.
    pub org_name: String,
    /// `role_code`.
    pub code: String,
    /// `role_name` without its quotes: group, subgroup, job.
    pub name: [String; 3],
    /// `activity_codes` and `activities`.
    pub activities: Vec<(String, String)>,
    /// `workgroups_codes` and `workgroups`.
    pub workgroups: Vec<(String, String)>,
}

impl Person {
    /// A nurse with one role, a GP with roles at two practices, a person without a role. Each
    /// PIN is 1234.
    #[must_use]
    pub fn everyone() -> Vec<Self> {
        vec![nurse(), gp(), roleless()]
    }

    /// `name`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// What UserInfo says to a client with these scopes.
    pub(super) fn user_info(&self, scopes: &[String]) -> Map<String, Value> {
        let granted = |scope: &str| scopes.iter().any(|granted| granted == scope);
        let mut claims = Map::new();
        let mut add = |value: Value| {
            if let Value::Object(more) = value {
                claims.extend(more);
            }
        };
        add(json!({ "sub": self.id }));
        if granted("profile") {
            add(json!({
                "name": self.name(), "given_name": self.given_name,
                "family_name": self.family_name, "uid": self.id,
            }));
        }
        if granted("email") {
            let mailbox = format!("{}.{}", self.given_name, self.family_name).to_lowercase();
            add(json!({ "email": format!("{mailbox}@example.nhs.uk") }));
        }
        if granted("nhsperson") {
            add(json!({
                "nhsid_useruid": self.id, "title": self.title,
                "initials": self.given_name.get(..1).unwrap_or_default(), "middle_names": "",
                "display_name": self.name(), "idassurancelevel": "3",
            }));
        }
        if granted("nationalrbacaccess") {
            let roles: Vec<_> = self.roles.iter().map(PersonRole::claim).collect();
            add(json!({ "nhsid_nrbac_roles": roles }));
        }
        if granted("associatedorgs") {
            add(json!({ "nhsid_user_orgs": self.organisations() }));
        }
        claims
    }

    fn organisations(&self) -> Vec<Value> {
        let mut orgs: Vec<Value> = Vec::new();
        for role in &self.roles {
            let org = json!({ "org_name": role.org_name, "org_code": role.org_code });
            if !orgs.contains(&org) {
                orgs.push(org);
            }
        }
        orgs
    }
}

impl PersonRole {
    fn claim(&self) -> Value {
        let quoted = self.name.each_ref().map(|part| format!("\"{part}\""));
        let (activity_codes, activities) = split(&self.activities);
        let (workgroups_codes, workgroups) = split(&self.workgroups);
        let mut claim = json!({
            "person_orgid": self.person_orgid,
            "person_roleid": self.id,
            "org_code": self.org_code,
            "role_name": quoted.join(":"),
            "role_code": self.code,
            "activities": activities,
            "activity_codes": activity_codes,
        });
        // CIS2 leaves out the lists that it has nothing for.
        if let (Value::Object(claim), false) = (&mut claim, workgroups.is_empty()) {
            claim.insert("workgroups".into(), json!(workgroups));
            claim.insert("workgroups_codes".into(), json!(workgroups_codes));
        }
        claim
    }
}

fn split(pairs: &[(String, String)]) -> (Vec<&str>, Vec<&str>) {
    pairs
        .iter()
        .map(|(code, name)| (code.as_str(), name.as_str()))
        .unzip()
}

fn nurse() -> Person {
    Person {
        id: "555000000001".into(),
        title: "Ms".into(),
        given_name: "Flo".into(),
        family_name: "Nurse".into(),
        pin: "1234".into(),
        roles: vec![PersonRole {
            id: "555000000108".into(),
            person_orgid: "555000000107".into(),
            org_code: "Y99901".into(),
            org_name: "MEADOW LANE SURGERY (SIMULATED)".into(),
            code: "S8000:G8000:R8001".into(),
            name: parts("Clinical", "Clinical Provision", "Nurse Access Role"),
            activities: pairs(&[
                ("B0428", "Personal Medication Administration"),
                ("B0560", "Perform Patient Administration"),
            ]),
            workgroups: pairs(&[("555000000103", "SIMULATED WORKGROUP")]),
        }],
    }
}

fn gp() -> Person {
    let role = |id: &str, org: (&str, &str, &str), code: &str, name: [String; 3]| PersonRole {
        id: id.into(),
        person_orgid: org.0.into(),
        org_code: org.1.into(),
        org_name: org.2.into(),
        code: code.into(),
        name,
        activities: pairs(&[("B0560", "Perform Patient Administration")]),
        workgroups: Vec::new(),
    };
    let meadow = ("555000000207", "Y99901", "MEADOW LANE SURGERY (SIMULATED)");
    let harbour = (
        "555000000217",
        "Y99902",
        "HARBOUR STREET PRACTICE (SIMULATED)",
    );
    let practitioner = parts(
        "Clinical",
        "Clinical Provision",
        "Clinical Practitioner Access Role",
    );
    let privacy = parts("Non-Clinical", "Governance", "Privacy Officer");
    Person {
        id: "555000000002".into(),
        title: "Dr".into(),
        given_name: "Gita".into(),
        family_name: "Partner".into(),
        pin: "1234".into(),
        roles: vec![
            role(
                "555000000208",
                meadow,
                "S8000:G8000:R8000",
                practitioner.clone(),
            ),
            role("555000000209", meadow, "S8002:G8003:R0001", privacy),
            role("555000000218", harbour, "S8000:G8000:R8000", practitioner),
        ],
    }
}

fn roleless() -> Person {
    Person {
        id: "555000000003".into(),
        title: "Mr".into(),
        given_name: "Noel".into(),
        family_name: "Newstarter".into(),
        pin: "1234".into(),
        roles: Vec::new(),
    }
}

fn parts(group: &str, subgroup: &str, job: &str) -> [String; 3] {
    [group, subgroup, job].map(str::to_owned)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(code, name)| (code.to_owned(), name.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn each_scope_adds_its_claims_and_no_other() {
        let person = nurse();
        let names = |scope: &str| -> Vec<String> {
            person.user_info(&scopes(scope)).keys().cloned().collect()
        };
        assert_eq!(names("openid"), ["sub"]);
        assert_eq!(
            names("openid nationalrbacaccess"),
            ["nhsid_nrbac_roles", "sub"]
        );
        assert_eq!(
            names("openid profile"),
            ["family_name", "given_name", "name", "sub", "uid"]
        );
    }

    #[test]
    fn role_names_are_quoted_parts() {
        let claims = nurse().user_info(&scopes("openid nationalrbacaccess"));
        assert_eq!(
            claims["nhsid_nrbac_roles"][0]["role_name"],
            "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\""
        );
    }

    #[test]
    fn an_organisation_is_named_once_however_many_roles_it_gives() {
        let claims = gp().user_info(&scopes("openid associatedorgs"));
        assert_eq!(claims["nhsid_user_orgs"].as_array().unwrap().len(), 2);
    }
}
