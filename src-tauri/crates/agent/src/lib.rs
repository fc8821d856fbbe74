//! The agent: puts readers, session, login and local API together and owns what is.
//!
//! [`run`] is one run from start to stop. Inside, one loop owns the session machine; everything
//! else reports to it or is told by it.

pub mod audit;
pub mod bundle;
mod clock;
mod controller;
pub mod doctor;
mod environment;
mod event_log;
mod examination;
mod followers;
mod hooks;
mod installed;
mod last_run;
mod locale;
mod logins;
mod logouts;
pub mod logs;
pub mod paths;
mod record;
mod removals;
pub mod reset;
mod retention;
mod rewrite;
mod run;
mod scribe;
pub mod settings;
mod shutdown;
mod system;
mod window;

pub use cardea_local_api::{Endpoint, Removal};
pub use retention::Retention;
pub use run::{Parts, StartCards, run};

/// The client credential and where it is kept.
pub mod credential {
    pub use cardea_login::{
        AssertionAlg, Credentials, KeyDescription, KeyHome, KeyInUse, KeyKind, KeyRequest,
        KeyScope, KeyUsed, Keystore, KeystoreError, MemoryKeystore, Secret, SystemKeystore,
        USUAL_SCOPE, WantedHome,
    };
}

/// What shows the user the login.
pub mod browser {
    pub use cardea_login::{Browser, BrowserError, Opening, SystemBrowser};
}
