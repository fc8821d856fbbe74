//! Who signed in, as CIS2 says it. Personal data: [`fmt::Debug`] shows none of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Time;

/// A role of the user in an organisation (`nhsid_nrbac_roles` joined with `nhsid_user_orgs`).
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Names this role of this person.
    pub person_roleid: String,
    /// Names this person's membership of the organisation.
    pub person_orgid: String,
    /// `S…:G…:R…`.
    pub role_code: String,
    /// As CIS2 writes it: quoted parts joined by colons.
    pub role_name: String,
    /// The last part of `role_name`, without quotes.
    pub display_name: String,
    /// ODS code of the organisation.
    pub org_code: String,
    /// Name of the organisation; absent when CIS2 gave none for the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_name: Option<String>,
    /// RBAC activities.
    #[serde(default)]
    pub activity_codes: Vec<String>,
    /// RBAC workgroups.
    #[serde(default)]
    pub workgroups_codes: Vec<String>,
    /// RBAC areas of work.
    #[serde(default)]
    pub aow_codes: Vec<String>,
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Role([redacted])")
    }
}

/// The person who signed in; shown only to programs with `identity:read`.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// CIS2's `sub`: the user's unique id.
    pub id: String,
    /// Full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The `person_roleid` of the role chosen at CIS2; absent when none was chosen. It may name a
    /// role that is not among `roles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected_roleid: Option<String>,
    /// All roles CIS2 gave; may be empty.
    #[serde(default)]
    pub roles: Vec<Role>,
}

impl User {
    /// The role chosen at CIS2, when it is among the user's roles.
    #[must_use]
    pub fn selected_role(&self) -> Option<&Role> {
        let id = self.selected_roleid.as_deref()?;
        self.roles.iter().find(|role| role.person_roleid == id)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User([redacted])")
    }
}

/// A sign-in that passed every check of the relying party. The tokens stay with the agent.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub user: User,
    /// Authentication context class (OpenID Connect Core, section 2); absent when CIS2 sent none.
    pub acr: Option<String>,
    /// Authentication methods (OpenID Connect Core, section 2); may be empty.
    pub amr: Vec<String>,
    /// When the user authenticated at CIS2.
    pub auth_time: Time,
    /// AAL, 1 to 3.
    pub authentication_assurance_level: u8,
    /// IAL, 1 to 3.
    pub id_assurance_level: u8,
    /// The ID token's `exp`.
    pub id_token_expires_at: Time,
    /// Whether `amr` or `acr` shows that a smartcard was used (contract, section 3.3 rule 8).
    pub smartcard: bool,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user", &self.user)
            .field("acr", &self.acr)
            .field("amr", &self.amr)
            .field("auth_time", &self.auth_time)
            .field("smartcard", &self.smartcard)
            .finish_non_exhaustive()
    }
}
