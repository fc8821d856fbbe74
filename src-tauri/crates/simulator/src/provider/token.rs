//! The token endpoint: a code becomes tokens (RFC 6749, section 4.1.3; cis2.md 3.7).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::json;

use crate::provider::answer::{self, Answer};
use crate::provider::route::Parameters;
use crate::provider::state::{CODE_LIFETIME, Code, Grant, Shared, random_id, unix_now};
use crate::provider::{ClientAuth, Endpoint, Seen, Step, claims, client_auth};

pub(super) async fn redeem(shared: &Shared, form: &Parameters) -> Answer {
    let (client, client_auth) = match client_auth::authenticate(shared, form) {
        Ok(client) => client,
        Err(why) => return rejected_client(shared, Endpoint::Token, why),
    };
    if form.get("grant_type").map(String::as_str) != Some("authorization_code") {
        let why = "only authorization_code is supported";
        return refused(shared, "unsupported_grant_type", why, why);
    }
    let value = form.get("code").cloned().unwrap_or_default();
    // Taken before it is checked: a code that is tried wrongly is used up.
    let code = shared.lock().codes.take(&value);
    let code = match code.ok_or("unknown code, or used before") {
        Ok(code) => code,
        Err(why) => return invalid_grant(shared, why),
    };
    if let Err(why) = check(&code, &client, form) {
        return invalid_grant(shared, why);
    }
    let answer = give_tokens(shared, &code, &value, client_auth);
    shared.holds.pass(Step::Token).await;
    answer
}

/// 401 with `invalid_client`, as MBS saw it from CIS2.
pub(super) fn rejected_client(shared: &Shared, endpoint: Endpoint, why: &'static str) -> Answer {
    let error = "invalid_client";
    shared.record(Seen::Refused {
        endpoint,
        error: error.into(),
        why: why.into(),
    });
    answer::error_answer(StatusCode::UNAUTHORIZED, error, "JWT is not valid")
}

fn check(code: &Code, client: &str, form: &Parameters) -> Result<(), &'static str> {
    if code.sign_in.client != client {
        return Err("the code belongs to another client");
    }
    if form.get("redirect_uri") != Some(&code.sign_in.redirect_uri) {
        return Err("redirect_uri is not that of the authorize request");
    }
    if code.given_at.elapsed() > CODE_LIFETIME {
        return Err("the code has expired");
    }
    match (&code.sign_in.code_challenge, form.get("code_verifier")) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("a code_verifier without a code_challenge"),
        (Some(_), None) => Err("no code_verifier"),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            let matches = URL_SAFE_NO_PAD.encode(hash) == *challenge;
            matches
                .then_some(())
                .ok_or("the code_verifier does not fit the code_challenge")
        }
    }
}

fn give_tokens(shared: &Shared, code: &Code, value: &str, client_auth: ClientAuth) -> Answer {
    let access_token = random_id();
    let Ok(id_token) = claims::id_token(shared, code, value, &access_token, unix_now()) else {
        return answer::server_error();
    };
    let sign_in = &code.sign_in;
    let mut content = json!({
        "access_token": access_token,
        "scope": sign_in.scopes.join(" "),
        "token_type": "Bearer",
        "expires_in": 3599,
        "id_token": id_token,
    });
    if let Some(nonce) = &sign_in.nonce {
        content["nonce"] = nonce.as_str().into();
    }
    let grant = {
        let mut state = shared.lock();
        let tokens = [access_token.clone(), id_token.clone()];
        state.issued.extend(tokens);
        state.grants.push(Grant {
            client: sign_in.client.clone(),
            person: code.person.clone(),
            scopes: sign_in.scopes.clone(),
            access_token,
            id_token,
            revoked: false,
        });
        state.grants.len() - 1
    };
    shared.record(Seen::Tokens { grant, client_auth });
    answer::json_answer(StatusCode::OK, &content)
}

fn invalid_grant(shared: &Shared, why: &str) -> Answer {
    let told = "The provided access grant is invalid, expired, or revoked.";
    refused(shared, "invalid_grant", told, why)
}

fn refused(shared: &Shared, error: &str, told: &str, why: &str) -> Answer {
    shared.record(Seen::Refused {
        endpoint: Endpoint::Token,
        error: error.into(),
        why: why.into(),
    });
    answer::error_answer(StatusCode::BAD_REQUEST, error, told)
}
