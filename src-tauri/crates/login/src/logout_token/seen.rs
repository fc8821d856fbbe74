//! Which logout tokens were read, for as long as they could be read again.

use std::collections::VecDeque;

use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use cardea_session::Time;

use super::checks::Checked;

/// Tokens that are remembered; beyond these the oldest go. Only the provider can make one.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Seen(VecDeque<Token>);

#[derive(Debug)]
struct Token {
    issuer: String,
    name: [u8; SHA256_OUTPUT_LEN],
    stale_at: Time,
}

impl Seen {
    /// Whether this token comes for the first time; from now on it does not.
    pub(super) fn is_new(&mut self, token: &Checked) -> bool {
        self.0.retain(|seen| seen.stale_at > token.now);
        let issuer = &token.logout.issuer;
        let is_it = |seen: &Token| seen.name == token.name && seen.issuer == *issuer;
        if self.0.iter().any(is_it) {
            return false;
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Token {
            issuer: issuer.clone(),
            name: token.name,
            stale_at: token.stale_at,
        });
        true
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
