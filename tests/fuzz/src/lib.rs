//! What strangers can send, made up by a fuzzer that sees which code it reaches.
//!
//! Each target has a module with one function, `run`: it gives an input to the code that a login
//! runs, and compares what comes of it with a judgement of its own. It panics where they differ.
//! `corpus/<target>` has inputs to begin with: `good-…` must be accepted, `bad-…` refused.

pub mod callback;
pub mod discovery;
pub mod id_token;
pub mod logout_token;
pub mod settings;
pub mod userinfo;

#[cfg(test)]
mod corpus;
mod keys;
mod made;
mod members;
mod question;

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passed every check.
    Accepted,
    /// It did not.
    Refused,
    /// It is not even of the language that it should be in: nothing for a fuzzer to go on from.
    Unreadable,
}

impl Verdict {
    fn refused(is_readable: bool) -> Self {
        if is_readable {
            Self::Refused
        } else {
            Self::Unreadable
        }
    }
}

/// A name and what is run with each input.
pub type Target = (&'static str, fn(&[u8]) -> Verdict);

/// All targets.
pub const TARGETS: &[Target] = &[
    ("callback", callback::run),
    ("discovery", discovery::run),
    ("id_token", id_token::run),
    ("logout_token", logout_token::run),
    ("settings", settings::run),
    ("userinfo", userinfo::run),
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).copied()
}

/// What inputs have in place of somebody's secret: no error may show it.
const SECRET: &str = "hunter2";

/// An error that is shown to people and logs.
fn check_error(error: &str) {
    assert!(!error.contains(SECRET), "the error shows a secret: {error}");
}
