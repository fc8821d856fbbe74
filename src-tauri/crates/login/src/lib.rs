//! Signs users in at CIS2: an OpenID Connect relying party for a native application (RFC 8252)
//! with the redirect on loopback, the checks of contract section 3.3, and the keystore that holds
//! the client credential.
//!
//! [`RelyingParty::attempt`] is one login from the browser to the checked [`Identity`]; whoever
//! calls it owns the [`Tokens`] that come out, and gives them to [`RelyingParty::clean_up`] when
//! they are no longer wanted. [`LogoutTokens`] reads what the provider says of its own accord.
//!
//! [`Identity`]: cardea_session::Identity

mod assertion;
mod attempt;
mod authorize;
mod blocking;
mod broker;
mod broker_wire;
mod browser;
mod cleanup;
mod client_certificate;
mod clock;
mod credential;
mod discovery;
mod evidence;
pub mod examine;
mod exchange;
mod failure;
mod id_token;
mod jwks;
mod keystore;
mod logout_token;
mod oauth_error;
mod party;
mod proxy;
mod redirect;
mod secret;
mod settings;
mod tokens;
mod userinfo;
mod warm_up;
mod wire;
mod x509;

#[cfg(feature = "fuzzing")]
pub mod fuzzing;
#[cfg(test)]
mod testing;

pub use attempt::{AttemptAddress, AttemptRequest, Finished, Stop};
pub use browser::{Browser, BrowserError, Opening, ProgramBrowser, SystemBrowser};
pub use clock::{Clock, SystemClock};
pub use keystore::{
    CreatedKey, Credentials, Entry, HeldKey, HeldKeys, Holder, InUse, KeyDescription, KeyHome,
    KeyInUse, KeyKind, KeyName, KeyRequest, KeyScope, KeyUsed, Keystore, KeystoreAnswer,
    KeystoreError, MemoryKeystore, PublicKey, SystemKeystore, USUAL_SCOPE, WantedHome,
    WithHeldKeys,
};
pub use logout_token::{Logout, LogoutTokenError, LogoutTokens};
pub use party::RelyingParty;
pub use redirect::{BrowserAnswer, Language};
pub use secret::{Secret, SecretBytes};
pub use settings::{
    AssertionAlg, CertificateFiles, ClientAuth, EvidenceIn, ISSUER_INT, ISSUER_LIVE, Pkce,
    RedirectHost, Settings,
};
pub use tokens::Tokens;
