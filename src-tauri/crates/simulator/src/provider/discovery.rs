//! The discovery document (OpenID Connect Discovery, section 3) and the keys.

use http::StatusCode;
use serde_json::json;

use crate::provider::answer::{self, Answer};
use crate::provider::key::SigningKey;
use crate::provider::state::Shared;
use crate::provider::{DiscoveryFault, Endpoint, Fault, Seen};

pub(super) fn document(shared: &Shared) -> Answer {
    let mut document = json!({
        "issuer": shared.issuer,
        "authorization_endpoint": shared.endpoint(Endpoint::Authorize),
        "token_endpoint": shared.endpoint(Endpoint::Token),
        "userinfo_endpoint": shared.endpoint(Endpoint::UserInfo),
        "jwks_uri": shared.endpoint(Endpoint::Jwks),
        "end_session_endpoint": shared.endpoint(Endpoint::EndSession),
        "revocation_endpoint": shared.endpoint(Endpoint::Revocation),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        // What AM advertises; what it gives is RS256 (cis2.md 2).
        "id_token_signing_alg_values_supported": [
            "PS384", "ES384", "RS384", "HS256", "HS512", "ES256",
            "RS256", "HS384", "ES512", "PS256", "PS512", "RS512",
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported":
            ["RS256", "RS384", "RS512", "PS256", "ES256"],
        "scopes_supported": [
            "openid", "profile", "email", "nhsperson", "nationalrbacaccess",
            "associatedorgs", "selectedrole", "changedrole",
        ],
        "acr_values_supported": ["AAL3_ANY", "AAL2_OR_AAL3_ANY", "AAL2_ANY", "AAL3_SMARTCARD"],
        "code_challenge_methods_supported": ["S256"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    });
    for fault in shared.faults() {
        let Fault::Discovery(fault) = fault else {
            continue;
        };
        match fault {
            DiscoveryFault::IssuerDiffersByOneByte => {
                document["issuer"] = format!("{}/", shared.issuer).into();
            }
            DiscoveryFault::EndpointNotLoopback => {
                document["token_endpoint"] = "http://token.example/access_token".into();
            }
        }
    }
    shared.record(Seen::Discovery);
    answer::json_answer(StatusCode::OK, &document)
}

pub(super) fn keys(shared: &Shared) -> Answer {
    let number = shared.lock().key;
    shared.record(Seen::Jwks);
    match SigningKey::numbered(number).and_then(SigningKey::jwk) {
        Ok(jwk) => answer::json_answer(StatusCode::OK, &json!({ "keys": [jwk] })),
        Err(_) => answer::server_error(),
    }
}
