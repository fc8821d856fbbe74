//! The end of tokens (RFC 7009) and sessions (OpenID Connect RP-Initiated Logout, section 2).

use http::StatusCode;

use crate::provider::answer::{self, Answer};
use crate::provider::route::Parameters;
use crate::provider::state::Shared;
use crate::provider::{Endpoint, Seen, TokenKind, client_auth, token};

/// Revokes a token of the client that asks. An unknown token is no error (RFC 7009, section 2.2).
pub(super) fn revoke(shared: &Shared, form: &Parameters) -> Answer {
    let client = match client_auth::authenticate(shared, form) {
        Ok((client, _)) => client,
        Err(why) => return token::rejected_client(shared, Endpoint::Revocation, why),
    };
    let value = form.get("token").cloned().unwrap_or_default();
    let found = {
        let mut state = shared.lock();
        let mut grants = state.grants.iter_mut().enumerate();
        grants.find_map(|(grant, tokens)| {
            let token = match &value {
                value if *value == tokens.access_token => TokenKind::Access,
                value if *value == tokens.id_token => TokenKind::Id,
                _ => return None,
            };
            (tokens.client == client).then(|| {
                tokens.revoked |= token == TokenKind::Access;
                Seen::Revoked { grant, token }
            })
        })
    };
    shared.record(found.unwrap_or_else(|| Seen::Refused {
        endpoint: Endpoint::Revocation,
        error: String::new(),
        why: "unknown token, or of another client".into(),
    }));
    answer::json_answer(StatusCode::OK, &serde_json::json!({}))
}

/// Ends the session that an ID token belongs to.
pub(super) fn end_session(shared: &Shared, query: &Parameters) -> Answer {
    let hint = query.get("id_token_hint").cloned().unwrap_or_default();
    let found = shared
        .lock()
        .grants
        .iter()
        .position(|grant| grant.id_token == hint);
    match found {
        Some(grant) => {
            shared.record(Seen::SessionEnded { grant });
            answer::empty_answer(StatusCode::NO_CONTENT)
        }
        None => {
            let error = "bad_request";
            let why = "unknown id_token_hint";
            shared.record(Seen::Refused {
                endpoint: Endpoint::EndSession,
                error: error.into(),
                why: why.into(),
            });
            answer::error_answer(StatusCode::BAD_REQUEST, error, why)
        }
    }
}
