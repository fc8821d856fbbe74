//! The authorize endpoint and the pages behind it: who, PIN, role, and back to the client.

use std::time::Instant;

use http::StatusCode;
use url::form_urlencoded;

use crate::provider::answer::{self, Answer};
use crate::provider::page::{self, Problem};
use crate::provider::route::Parameters;
use crate::provider::state::{Code, Shared, SignIn, unix_now};
use crate::provider::{
    AuthorizeRequest, CallbackFault, Endpoint, Fault, Person, RedirectUri, Seen, Step,
};

/// Shows the sign-in page, or sends the browser back with an error (RFC 6749, section 4.1.2.1).
pub(super) async fn authorize(shared: &Shared, mut query: Parameters) -> Answer {
    let Some((client, redirect_uri)) = known_client(shared, &query) else {
        let why = "unknown client_id or redirect_uri";
        refused(shared, "invalid_request", why);
        return answer::page_answer(StatusCode::BAD_REQUEST, page::refused(shared));
    };
    let sign_in = SignIn {
        client,
        redirect_uri,
        scopes: words(query.get("scope")),
        state: query.remove("state"),
        nonce: query.remove("nonce"),
        code_challenge: query.remove("code_challenge"),
        acr: words(query.get("acr_values"))
            .into_iter()
            .next()
            .unwrap_or_else(|| "AAL3_ANY".into()),
        asked_at: unix_now(),
        person: None,
    };
    if let Some((error, why)) = fault_of_client(&sign_in, &query) {
        refused(shared, error, why);
        return send_back(
            shared,
            &sign_in,
            &[("error", error), ("error_description", why)],
        );
    }
    shared.record(Seen::Authorize(AuthorizeRequest {
        client: sign_in.client.clone(),
        redirect_uri: sign_in.redirect_uri.clone(),
        scopes: sign_in.scopes.clone(),
        pkce: sign_in.code_challenge.is_some(),
        prompt: query.remove("prompt"),
        max_age: query.remove("max_age"),
        acr_values: query.remove("acr_values"),
    }));
    shared.holds.pass(Step::Authorize).await;
    let id = shared.lock().sign_ins.add(sign_in);
    answer::page_answer(StatusCode::OK, page::person(shared, &id, None, None))
}

/// Takes what the pages' forms send.
pub(super) async fn sign_in(shared: &Shared, form: &Parameters) -> Answer {
    let field = |name: &str| form.get(name).map(String::as_str);
    let id = field("sign_in").unwrap_or_default();
    let Some(sign_in) = shared.lock().sign_ins.find(id).map(|found| found.clone()) else {
        return answer::page_answer(StatusCode::BAD_REQUEST, page::over(shared));
    };
    if field("do") == Some("cancel") {
        shared.lock().sign_ins.take(id);
        return cancelled(shared, &sign_in);
    }
    let (person, role) = match chosen(shared, id, &sign_in, form) {
        Ok(chosen) => chosen,
        Err(page) => return answer::page_answer(StatusCode::OK, page),
    };
    // Taken once: a form sent twice must not give two codes.
    let taken = shared.lock().sign_ins.take(id);
    match taken {
        Some(sign_in) => signed_in(shared, sign_in, person, role).await,
        None => answer::page_answer(StatusCode::BAD_REQUEST, page::over(shared)),
    }
}

/// The person and role that a form chose, or the page to show next.
fn chosen(
    shared: &Shared,
    id: &str,
    sign_in: &SignIn,
    form: &Parameters,
) -> Result<(Person, Option<String>), String> {
    let field = |name: &str| form.get(name).map(String::as_str);
    if let Some(person) = &sign_in.person {
        let role = person
            .roles
            .iter()
            .find(|role| field("role") == Some(role.id.as_str()));
        return match role {
            Some(role) => Ok((person.clone(), Some(role.id.clone()))),
            None => Err(page::role(shared, id, person, Some(Problem::NoRoleChosen))),
        };
    }
    let wrong = |problem| Err(page::person(shared, id, field("person"), Some(problem)));
    let person = shared
        .people
        .iter()
        .find(|person| field("person") == Some(person.id.as_str()));
    let Some(person) = person else {
        return wrong(Problem::NobodyChosen);
    };
    if field("pin") != Some(person.pin.as_str()) {
        return wrong(Problem::WrongPin);
    }
    if !asks_for_role(sign_in) {
        return Ok((person.clone(), None));
    }
    if person.roles.len() > 1 {
        if let Some(remembered) = shared.lock().sign_ins.find(id) {
            remembered.person = Some(person.clone());
        }
        return Err(page::role(shared, id, person, None));
    }
    let role = person.roles.first().map(|role| role.id.clone());
    Ok((person.clone(), role))
}

async fn signed_in(
    shared: &Shared,
    sign_in: SignIn,
    person: Person,
    role: Option<String>,
) -> Answer {
    let denied = Fault::Callback(CallbackFault::AccessDenied);
    if shared.faults().contains(&denied) {
        return cancelled(shared, &sign_in);
    }
    let who = person.id.clone();
    let code = {
        let mut state = shared.lock();
        let code = state.codes.add(Code {
            sign_in: sign_in.clone(),
            person,
            role,
            signed_in_at: unix_now(),
            given_at: Instant::now(),
        });
        state.issued.push(code.clone());
        code
    };
    shared.record(Seen::SignedIn { person: who });
    shared.holds.pass(Step::Callback).await;
    send_back(shared, &sign_in, &[("code", &code)])
}

fn cancelled(shared: &Shared, sign_in: &SignIn) -> Answer {
    let error = "access_denied";
    shared.record(Seen::SentBack {
        error: error.into(),
    });
    let description = "Resource Owner did not authorize the request";
    send_back(
        shared,
        sign_in,
        &[("error", error), ("error_description", description)],
    )
}

/// The redirect back, with the parameters of cis2.md 3.6 beside its own.
fn send_back(shared: &Shared, sign_in: &SignIn, parameters: &[(&str, &str)]) -> Answer {
    let faults = shared.faults();
    let has = |fault| faults.contains(&Fault::Callback(fault));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    if !has(CallbackFault::NoIssuer) {
        let slash = match has(CallbackFault::WrongIssuer) {
            true => "/",
            false => "",
        };
        query.append_pair("iss", &format!("{}{slash}", shared.issuer));
    }
    if has(CallbackFault::WrongState) {
        query.append_pair("state", "another-state");
    } else if let Some(state) = &sign_in.state {
        query.append_pair("state", state);
    }
    query.append_pair("client_id", &sign_in.client);
    let location = format!("{}?{}", sign_in.redirect_uri, query.finish());
    answer::redirect_answer(StatusCode::SEE_OTHER, &location)
}

fn known_client(shared: &Shared, query: &Parameters) -> Option<(String, String)> {
    let id = query.get("client_id")?;
    let redirect_uri = query.get("redirect_uri")?;
    let registered = shared.clients.iter().find(|known| known.client.id == *id)?;
    let allowed = |uri: &RedirectUri| uri.allows(redirect_uri);
    registered
        .client
        .redirect_uris
        .iter()
        .any(allowed)
        .then(|| (id.clone(), redirect_uri.clone()))
}

/// What is wrong with the request of a known client: the error code, and why.
fn fault_of_client(sign_in: &SignIn, query: &Parameters) -> Option<(&'static str, &'static str)> {
    let parameter = |name: &str| query.get(name).map(String::as_str);
    if parameter("response_type") != Some("code") {
        return Some((
            "unsupported_response_type",
            "only the code flow is supported",
        ));
    }
    if !sign_in.scopes.iter().any(|scope| scope == "openid") {
        return Some(("invalid_scope", "the scope openid is missing"));
    }
    let method = parameter("code_challenge_method");
    if sign_in.code_challenge.is_some() && method != Some("S256") {
        return Some(("invalid_request", "code_challenge_method must be S256"));
    }
    if parameter("prompt") == Some("none") {
        return Some(("login_required", "nobody is signed in"));
    }
    None
}

fn asks_for_role(sign_in: &SignIn) -> bool {
    let asks = |scope: &String| scope == "selectedrole" || scope == "changedrole";
    sign_in.scopes.iter().any(asks)
}

fn words(text: Option<&String>) -> Vec<String> {
    text.map(|text| text.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default()
}

fn refused(shared: &Shared, error: &str, why: &str) {
    shared.record(Seen::Refused {
        endpoint: Endpoint::Authorize,
        error: error.into(),
        why: why.into(),
    });
}
