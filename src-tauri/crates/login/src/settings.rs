//! The settings of `[cis2]` (contract, section 2), resolved.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// CIS2 live, byte for byte: the `:443` belongs to it.
pub const ISSUER_LIVE: &str = "https://am.nhsidentity.spineservices.nhs.uk:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

/// CIS2 integration, byte for byte.
pub const ISSUER_INT: &str = "https://am.nhsint.auth-ptl.cis2.spineservices.nhs.uk:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

/// How the relying party behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The provider, compared byte for byte.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// How we prove to be that client.
    pub client_auth: ClientAuth,
    /// Where the broker is, with [`ClientAuth::Broker`].
    pub broker_url: String,
    /// The certificate that this computer shows to the broker; none for a key of its own only.
    pub broker_certificate: Option<CertificateFiles>,
    /// What signs the client assertion.
    pub assertion_alg: AssertionAlg,
    /// Whether a key may sign that programs of the user could take away, although this computer
    /// can hold keys without giving them out.
    pub allow_exportable_key: bool,
    /// The host of the redirect address.
    pub redirect_host: RedirectHost,
    /// Its ports, tried in order; none for any free port.
    pub redirect_ports: Vec<u16>,
    /// Its path; starts with a slash.
    pub redirect_path: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The authentication asked for, separated by spaces; empty for none.
    pub acr_values: String,
    /// Whether the provider must ask the user again; empty for its own choice.
    pub prompt: String,
    /// How old an authentication may be.
    pub max_age: Duration,
    /// Whether the code is bound to us (RFC 7636).
    pub pkce: Pkce,
    /// Whether a login without a smartcard is refused.
    pub require_smartcard: bool,
    /// Patterns (`*`, `?`) of what a smartcard leaves in the ID token, ASCII case-insensitive.
    pub smartcard_evidence: Vec<String>,
    /// Where that evidence counts.
    pub smartcard_evidence_in: Vec<EvidenceIn>,
    /// The least `authentication_assurance_level`.
    pub min_authentication_assurance: u8,
    /// The least `id_assurance_level`.
    pub min_identity_assurance: u8,
    /// How long an attempt may take.
    pub login_timeout: Duration,
    /// How far the provider's clock and ours may be apart.
    pub clock_skew: Duration,
    /// Whether plain `http` is accepted when the issuer is on this computer; only for a custom
    /// environment.
    pub allow_loopback_http: bool,
    /// Whether the access token is kept for programs (`[api] release_access_token`). Otherwise it
    /// goes after UserInfo, or after the end-session call that needs it.
    pub keep_access_token: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Self {
            issuer: ISSUER_LIVE.to_owned(),
            client_id: String::new(),
            client_auth: ClientAuth::PrivateKeyJwt,
            broker_url: String::new(),
            broker_certificate: None,
            assertion_alg: AssertionAlg::Rs512,
            allow_exportable_key: false,
            redirect_host: RedirectHost::Localhost,
            redirect_ports: vec![28117, 28217, 28317],
            redirect_path: "/callback".to_owned(),
            scopes: texts(&[
                "openid",
                "profile",
                "nhsperson",
                "nationalrbacaccess",
                "associatedorgs",
                "selectedrole",
            ]),
            acr_values: "AAL3_ANY".to_owned(),
            prompt: "login".to_owned(),
            max_age: Duration::from_secs(5 * 60),
            pkce: Pkce::S256,
            require_smartcard: true,
            smartcard_evidence: texts(&["*SMARTCARD*"]),
            smartcard_evidence_in: vec![EvidenceIn::Amr],
            min_authentication_assurance: 3,
            min_identity_assurance: 3,
            login_timeout: Duration::from_secs(3 * 60),
            clock_skew: Duration::from_secs(60),
            allow_loopback_http: false,
            keep_access_token: false,
        }
    }
}

/// `broker_certificate`, `broker_certificate_key`: a certificate with its chain, and its private key,
/// as PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, then those that lead to its authority.
    pub certificate: PathBuf,
    /// The key, which others must not be able to read.
    pub key: PathBuf,
}

/// `client_auth`: how we prove to be the client (OpenID Connect Core, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// By an assertion signed with a key in the keystore.
    PrivateKeyJwt,
    /// By a secret in the keystore, sent in the form.
    ClientSecretPost,
    /// By a secret in the keystore, sent in the header (RFC 6749, section 2.3.1).
    ClientSecretBasic,
    /// By a server that has the credential, and knows this computer by a key of its own.
    Broker,
}

/// `assertion_alg`: what signs the client assertion (RFC 7518, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AssertionAlg {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl AssertionAlg {
    /// The name in JOSE headers and in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }
}

/// `redirect_host`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectHost {
    /// `localhost`: both 127.0.0.1 and ::1.
    #[serde(rename = "localhost")]
    Localhost,
    /// `127.0.0.1` only.
    #[serde(rename = "127.0.0.1")]
    Ipv4,
}

impl RedirectHost {
    /// As it stands in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Localhost => "localhost",
            Self::Ipv4 => "127.0.0.1",
        }
    }
}

/// `pkce` (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pkce {
    /// The code is bound to us.
    S256,
    /// It is not, for a provider that does not know it.
    #[serde(rename = "off")]
    Off,
}

/// `smartcard_evidence_in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceIn {
    /// The authentication methods.
    Amr,
    /// The authentication context class, when it is not one that we asked for.
    Acr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_written_as_the_contract_writes_them() {
        fn written<T: Serialize>(value: T) -> String {
            serde_json::to_string(&value).unwrap()
        }
        assert_eq!(written(ClientAuth::PrivateKeyJwt), "\"private_key_jwt\"");
        assert_eq!(
            written(ClientAuth::ClientSecretPost),
            "\"client_secret_post\""
        );
        assert_eq!(
            written(ClientAuth::ClientSecretBasic),
            "\"client_secret_basic\""
        );
        assert_eq!(written(AssertionAlg::Rs512), "\"RS512\"");
        assert_eq!(written(RedirectHost::Ipv4), "\"127.0.0.1\"");
        assert_eq!(written(Pkce::S256), "\"S256\"");
        assert_eq!(written(Pkce::Off), "\"off\"");
        assert_eq!(written(EvidenceIn::Acr), "\"acr\"");
    }
}
