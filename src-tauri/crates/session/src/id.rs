//! Identifiers: opaque ASCII, at most 64 characters, never reused.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id as it came over the local API; it only ever is compared.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// One run of the agent; the agent draws it at random when it starts.
    Boot
}
id! {
    /// One session. Never reused, also not across runs: it starts with the run's [`Boot`].
    SessionId
}
id! {
    /// One login attempt.
    AttemptId
}

/// Numbers the sessions and attempts of one run.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    boot: Boot,
    next: u64,
}

impl Ids {
    pub(crate) fn new(boot: Boot) -> Self {
        Self { boot, next: 1 }
    }

    pub(crate) fn boot(&self) -> &Boot {
        &self.boot
    }

    pub(crate) fn session(&mut self) -> SessionId {
        let number = self.number();
        SessionId(format!("{}.s{number}", self.boot))
    }

    pub(crate) fn attempt(&mut self) -> AttemptId {
        let number = self.number();
        AttemptId(format!("{}.a{number}", self.boot))
    }

    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }
}
