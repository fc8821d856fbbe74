use serde_json::json;

use super::*;
use crate::AssertionAlg;

fn fit(document: &Value, settings: &Settings, name: &str) -> Fit {
    let fields = fields(document, settings);
    let mut fields = fields.into_iter().filter(|field| field.name == name);
    fields.next().unwrap().fit
}

fn misfit(wanted: &[&str], offered: &[&str]) -> Fit {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    Fit::DoesNotFit {
        wanted: owned(wanted),
        offered: owned(offered),
    }
}

/// As ForgeRock's server writes it for CIS2, as far as that is known.
fn cis2() -> Value {
    json!({
        "response_types_supported": ["code", "code id_token", "id_token"],
        "scopes_supported": ["openid", "profile", "email", "nhsperson", "nationalrbacaccess",
            "associatedorgs", "selectedrole", "changedrole"],
        "claims_supported": CLAIMS,
        "acr_values_supported": ["AAL3_ANY", "AAL2_OR_AAL3_ANY"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS512"],
        "id_token_signing_alg_values_supported": ["PS384", "RS256", "HS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
        "end_session_endpoint": "https://cis2.example/end",
        "revocation_endpoint": "https://cis2.example/revoke",
        "backchannel_logout_supported": true,
    })
}

#[test]
fn a_document_that_has_everything_fits() {
    for field in fields(&cis2(), &Settings::default()) {
        assert_eq!(field.fit, Fit::Fits, "{}", field.name);
    }
}

#[test]
fn what_a_document_leaves_out_is_no_fault() {
    let fields = fields(&json!({}), &Settings::default());
    assert_eq!(fields.len(), cis2().as_object().unwrap().len());
    for field in fields {
        assert_eq!(field.fit, Fit::DoesNotSay, "{}", field.name);
    }
}

#[test]
fn what_is_missing_from_a_list_is_named_with_what_is_there() {
    let settings = Settings::default();
    for (name, value, wanted, offered) in [
        (
            "response_types_supported",
            json!(["id_token"]),
            &["code"][..],
            &["id_token"][..],
        ),
        (
            "scopes_supported",
            json!([
                "openid",
                "profile",
                "nhsperson",
                "nationalrbacaccess",
                "associatedorgs"
            ]),
            &["selectedrole"],
            &[
                "openid",
                "profile",
                "nhsperson",
                "nationalrbacaccess",
                "associatedorgs",
            ],
        ),
        (
            "acr_values_supported",
            json!(["AAL2_ANY"]),
            &["AAL3_ANY"],
            &["AAL2_ANY"],
        ),
        (
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic"]),
            &["private_key_jwt"],
            &["client_secret_basic"],
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!(["ES256"]),
            &["RS512"],
            &["ES256"],
        ),
        (
            "id_token_signing_alg_values_supported",
            json!(["HS256"]),
            &["RS256", "RS512", "PS256", "ES256"],
            &["HS256"],
        ),
        (
            "code_challenge_methods_supported",
            json!(["plain"]),
            &["S256"],
            &["plain"],
        ),
        (
            "authorization_response_iss_parameter_supported",
            json!(false),
            &["true"],
            &["false"],
        ),
        (
            "backchannel_logout_supported",
            json!(false),
            &["true"],
            &["false"],
        ),
    ] {
        let mut document = cis2();
        document[name] = value;
        assert_eq!(
            fit(&document, &settings, name),
            misfit(wanted, offered),
            "{name}"
        );
    }
}

#[test]
fn of_several_acr_values_one_is_enough() {
    let settings = Settings {
        acr_values: "AAL3_SMARTCARD AAL3_ANY".to_owned(),
        ..Settings::default()
    };
    assert_eq!(fit(&cis2(), &settings, "acr_values_supported"), Fit::Fits);
}

#[test]
fn what_the_settings_do_not_ask_for_is_not_looked_for() {
    let bare = Settings {
        acr_values: String::new(),
        client_auth: ClientAuth::Broker,
        pkce: Pkce::Off,
        assertion_alg: AssertionAlg::Es256,
        ..Settings::default()
    };
    for name in [
        "acr_values_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "code_challenge_methods_supported",
    ] {
        assert_eq!(fit(&cis2(), &bare, name), Fit::NotAskedFor, "{name}");
    }
    for (client_auth, method, fits) in [
        (ClientAuth::ClientSecretPost, "client_secret_post", true),
        (ClientAuth::ClientSecretBasic, "client_secret_basic", false),
    ] {
        let settings = Settings {
            client_auth,
            ..Settings::default()
        };
        let expected = match fits {
            true => Fit::Fits,
            false => misfit(&[method], &["client_secret_post", "private_key_jwt"]),
        };
        let name = "token_endpoint_auth_methods_supported";
        assert_eq!(fit(&cis2(), &settings, name), expected);
        let name = "token_endpoint_auth_signing_alg_values_supported";
        assert_eq!(fit(&cis2(), &settings, name), Fit::NotAskedFor);
    }
}

#[test]
fn what_a_document_says_is_cut_to_what_can_be_shown() {
    let mut document = cis2();
    let long = format!("\u{1b}[2J{}", "x".repeat(1000));
    document["acr_values_supported"] = json!(vec![long; 1000]);
    let fit = fit(&document, &Settings::default(), "acr_values_supported");
    let Fit::DoesNotFit { offered, .. } = fit else {
        panic!("{fit:?}");
    };
    assert_eq!(offered.len(), VALUES);
    assert_eq!(offered[0], format!("[2J{}", "x".repeat(LENGTH - 3)));
    document["acr_values_supported"] = json!({"odd": 1});
    let fit = fields(&document, &Settings::default());
    assert!(
        fit.iter()
            .any(|field| field.fit == misfit(&["AAL3_ANY"], &["{\"odd\":1}"]))
    );
}
