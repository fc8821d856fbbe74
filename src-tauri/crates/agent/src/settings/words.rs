//! Settings that are one of a few words.

use cardea_local_api::WhenPortTaken;
use cardea_login::{AssertionAlg, EvidenceIn, Pkce, RedirectHost};
use cardea_session::{OnInsert, OnLock, OnRemoval, Recognise, Scope};

/// A type whose values each have a word in the settings.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// Every value, in the order in which they are offered.
    const WORDS: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, value)| *value == self)
            .map_or("", |(word, _)| word)
    }
}

macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )+ } )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $name { $( $(#[$variant_doc])* $variant, )+ }

            impl $name {
                /// The word that the settings use.
                #[must_use]
                pub fn as_str(self) -> &'static str {
                    self.word()
                }
            }

            impl Word for $name {
                const WORDS: &'static [(&'static str, Self)] = &[$( ($word, Self::$variant) ),+];
            }
        )+
    };
}

macro_rules! foreign_words {
    ($( $name:ident { $( $variant:ident = $word:literal, )+ } )+) => {
        $(
            impl Word for $name {
                const WORDS: &'static [(&'static str, Self)] = &[$( ($word, Self::$variant) ),+];
            }
        )+
    };
}

words! {
    /// `[cis2] environment`.
    Environment {
        /// CIS2 live.
        Live = "live",
        /// CIS2 integration.
        Int = "int",
        /// The issuer that `issuer` names.
        Custom = "custom",
    }

    /// `[cis2] client_auth`: how the token endpoint knows us.
    ClientAuth {
        /// An assertion signed with a key of ours (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// A secret in the form (RFC 6749, section 2.3.1).
        ClientSecretPost = "client_secret_post",
        /// A secret in the `Authorization` header (RFC 6749, section 2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// A server of the practice or supplier adds the credential.
        Broker = "broker",
    }

    /// `[api] pairing`.
    Pairing {
        /// Programs may ask the user to let them in.
        Ask = "ask",
        /// Only programs from the settings.
        Off = "off",
    }

    /// `[desktop] language`.
    Language {
        /// As the operating system.
        System = "system",
        /// English.
        English = "en",
        /// Welsh.
        Welsh = "cy",
    }

    /// `[desktop] notifications`.
    Notification {
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// The user was signed out.
        SignedOut = "signed_out",
        /// The session ends soon.
        Expiring = "expiring",
        /// Something needs the user.
        Attention = "attention",
        /// A program asks to be let in.
        Pairing = "pairing",
    }

    /// `[log] level`.
    LogLevel {
        /// What ends a session or the agent.
        Error = "error",
        /// What somebody should look at.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// How it happened.
        Debug = "debug",
        /// Each step.
        Trace = "trace",
    }
}

foreign_words! {
    AssertionAlg {
        Rs256 = "RS256",
        Rs384 = "RS384",
        Rs512 = "RS512",
        Ps256 = "PS256",
        Es256 = "ES256",
    }
    RedirectHost { Localhost = "localhost", Ipv4 = "127.0.0.1", }
    Pkce { S256 = "S256", Off = "off", }
    EvidenceIn { Amr = "amr", Acr = "acr", }
    WhenPortTaken { Next = "next", Fail = "fail", }
    Recognise { Any = "any", Known = "known", }
    OnInsert { Off = "off", Notify = "notify", Login = "login", }
    OnRemoval { Logout = "logout", Notify = "notify", }
    OnLock { Keep = "keep", Logout = "logout", }
    Scope {
        SessionRead = "session:read",
        IdentityRead = "identity:read",
        SessionControl = "session:control",
        SessionActivity = "session:activity",
        TokensRead = "tokens:read",
        DiagnosticsRead = "diagnostics:read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_the_words_of_the_session_crate() {
        assert_eq!(Scope::WORDS.len(), Scope::ALL.len());
        for scope in Scope::ALL {
            assert_eq!(scope.word(), scope.as_str());
        }
    }
}
