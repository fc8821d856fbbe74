//! What can go wrong for the user: a closed list, each with a message for the clinician and a
//! remedy for the help desk. This file is the one place for these texts.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! failures {
    ($( $(#[$doc:meta])* $variant:ident, $code:literal, $message:literal, $remedy:literal; )*) => {
        /// Names a failure. The names are public (contract, section 3.2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FailureCode {
            $( $(#[$doc])* #[serde(rename = $code)] $variant, )*
            /// A code that a newer agent gives and this program does not know.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl FailureCode {
            /// Every code an agent of this version gives.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The public name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown => "unknown",
                }
            }

            /// What happened, for the clinician.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)*
                    Self::Unknown => "Something went wrong.",
                }
            }

            /// What to do, for the help desk.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self {
                    $(Self::$variant => $remedy,)*
                    Self::Unknown => "Run \"cardea doctor\" on this computer.",
                }
            }
        }
    };
}

failures! {
    /// A setting is wrong; nobody can sign in.
    ConfigInvalid, "config_invalid",
        "Cardea is not set up correctly on this computer, so nobody can sign in.",
        "Run \"cardea config check\": it names each wrong setting and what is allowed.";
    /// Settings changed and ended the session.
    PolicyChanged, "policy_changed",
        "The settings of this computer changed, so you were signed out.",
        "Nothing to mend: sign in again. \"cardea config show\" lists the settings and where each comes from.";
    /// PC/SC cannot be reached.
    CardServiceStopped, "card_service_stopped",
        "The smartcard service of this computer is not running.",
        "Start the Smart Card service (Windows: SCardSvr; Linux: pcscd). Cardea goes on by itself when it is back.";
    /// A card does not answer.
    CardUnreadable, "card_unreadable",
        "The card in the reader cannot be read.",
        "Take the card out, check that the chip goes in first and faces the right way, and insert it again. Try another reader or card.";
    /// The card is of a kind that the settings do not accept.
    CardNotRecognised, "card_not_recognised",
        "The card in the reader is not one that this computer accepts.",
        "Insert an NHS Smartcard. If it is one, add its ATR to [card] patterns or set [card] recognise = \"any\".";
    /// The card left while a login was under way.
    CardRemovedDuringLogin, "card_removed_during_login",
        "The card was taken out while you were signing in.",
        "Insert the card, leave it in, and sign in again.";
    /// The login succeeded without a readable card.
    CardMissing, "card_missing",
        "You were not signed in because there is no readable card in a reader.",
        "Insert the card, leave it in, and sign in again. If readers are redirected from another computer, check that this session sees them.";
    /// The user gave up.
    LoginCancelled, "login_cancelled",
        "Signing in was cancelled.",
        "Sign in again when you are ready.";
    /// It took too long.
    LoginTimedOut, "login_timed_out",
        "Signing in took too long.",
        "Sign in again. If the browser shows an error, run \"cardea doctor --cis2\".";
    /// CIS2 said no.
    LoginRefused, "login_refused",
        "CIS2 did not sign you in.",
        "Try again; if it stays, check the user's smartcard and roles with the Registration Authority.";
    /// CIS2 cannot be reached.
    ProviderUnreachable, "provider_unreachable",
        "CIS2 cannot be reached from this computer.",
        "Check the network and proxy; \"cardea doctor --cis2\" shows at which step it fails.";
    /// CIS2 does not accept our client credential.
    ProviderRejectedClient, "provider_rejected_client",
        "CIS2 does not accept this computer's client credential.",
        "Check [cis2] client_id, client_auth and assertion_alg, and that the registered key or secret is the one in the keystore (\"cardea keys list\").";
    /// An answer of CIS2 did not pass a check.
    ProviderResponseInvalid, "provider_response_invalid",
        "CIS2 gave an answer that did not pass Cardea's checks, so you were not signed in.",
        "Try again. If it stays, send the log of this computer to your supplier; it names the check that failed.";
    /// The computer's clock disagrees with CIS2.
    ClockWrong, "clock_wrong",
        "The clock of this computer is wrong, so you were not signed in.",
        "Set the computer's date, time and time zone, then sign in again.";
    /// The sign-in was weaker than asked for.
    AssuranceTooLow, "assurance_too_low",
        "The way you signed in is not strong enough for this computer.",
        "Sign in with a smartcard, or check [cis2] min_authentication_assurance and min_identity_assurance.";
    /// The sign-in did not use a smartcard.
    SmartcardRequired, "smartcard_required",
        "This computer asks you to sign in with your smartcard.",
        "Sign in again and choose the smartcard. If one was used, compare [cis2] smartcard_evidence with what CIS2 sent.";
    /// Every redirect port is taken by others.
    RedirectPortBusy, "redirect_port_busy",
        "Another program uses the ports that signing in needs.",
        "Find the program that listens on the ports of [cis2] redirect_ports, or register other ports.";
    /// The browser could not be opened.
    BrowserFailed, "browser_failed",
        "The browser could not be opened.",
        "Copy the sign-in address and open it in a browser on this computer. Check the default browser.";
    /// There is no client credential.
    ClientCredentialMissing, "client_credential_missing",
        "This computer has no client credential for CIS2.",
        "Create one with \"cardea keys create\", store the secret with \"cardea secret set --user\", or check the files of [cis2] broker_certificate.";
    /// The keystore does not answer.
    KeystoreUnavailable, "keystore_unavailable",
        "The keystore of this computer cannot be used.",
        "Unlock or start the keystore (Linux: the Secret Service; Windows: Credential Manager), then sign in again.";
    /// No port for the local API.
    ApiPortBusy, "api_port_busy",
        "Clinical programs cannot reach Cardea: its port is taken.",
        "Find the program that listens on [api] port, or choose another port, or set when_port_taken = \"next\".";
    /// No local socket.
    SocketBusy, "socket_busy",
        "Cardea's local socket is taken by another program.",
        "Stop the other agent of this user, or the program that took the socket's name, and start Cardea again.";
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for FailureCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("Names a failure."))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for FailureCode {}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What went wrong: a stable code, what happened, what to do. Never anything personal or secret.
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Names it.
    pub code: FailureCode,
    /// What happened, for the clinician.
    pub message: String,
    /// What to do, for the help desk.
    pub remedy: String,
}

impl Failure {
    /// A failure with its standard texts.
    #[must_use]
    pub fn new(code: FailureCode) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            remedy: code.remedy().to_owned(),
        }
    }

    /// A failure whose remedy also says `detail`: a place, a setting, what came instead. The caller
    /// answers for its holding nothing personal or secret.
    #[must_use]
    pub fn with_detail(code: FailureCode, detail: impl fmt::Display) -> Self {
        Self {
            remedy: format!("{} ({detail})", code.remedy()),
            ..Self::new(code)
        }
    }
}

impl From<FailureCode> for Failure {
    fn from(code: FailureCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_written_as_its_name_and_has_both_texts() {
        for &code in FailureCode::ALL {
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("{:?}", code.as_str()));
            assert_eq!(serde_json::from_str::<FailureCode>(&json).unwrap(), code);
            assert!(
                code.message().ends_with('.') && code.remedy().ends_with('.'),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_of_a_newer_agent_is_read_as_unknown() {
        let code: FailureCode = serde_json::from_str("\"reader_on_fire\"").unwrap();
        assert_eq!(code, FailureCode::Unknown);
    }
}
