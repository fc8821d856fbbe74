//! The OpenAPI document, generated from the routes and types.

use cardea_session::Snapshot;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::feed::Message;
use crate::problem::ProblemDocument;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cardea",
        description = "Who is signed in to CIS2 on this workstation, and that they no longer are. On loopback: http://127.0.0.1, port 28080 or the next free one; the endpoint file names it.",
    ),
    paths(
        routes::health::read,
        routes::document::read,
        routes::app::read,
        routes::session::read,
        routes::events::stream,
        routes::control::login,
        routes::control::logout,
        routes::control::activity,
        routes::control::cancel,
        routes::control::address,
        routes::apps::list,
    ),
    components(schemas(Snapshot, Message, ProblemDocument)),
    modifiers(&Token, &Problems, &NoUnknown),
    security(("token" = [])),
)]
struct Api;

/// Programs show who they are by a token.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
    }
}

/// Every route may answer by a problem.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        let content = Content::new(Some(Ref::from_schema_name("ProblemDocument")));
        let problem = ResponseBuilder::new()
            .description("What went wrong. Refusals before the token are 403 without a body.")
            .content("application/problem+json", content)
            .build();
        for item in document.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                let responses = &mut operation.responses.responses;
                responses.insert("default".to_owned(), problem.clone().into());
            }
        }
    }
}

/// `unknown` is what our own programs make of a word that a newer agent says; no agent says it.
struct NoUnknown;

impl Modify for NoUnknown {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        for schema in components.schemas.values_mut() {
            if let RefOr::T(Schema::Object(object)) = schema
                && let Some(values) = &mut object.enum_values
            {
                values.retain(|value| value != "unknown");
            }
        }
    }
}

/// The document that `GET /v1/openapi.json` serves.
#[must_use]
pub fn openapi_json() -> String {
    Api::openapi().to_pretty_json().unwrap_or_default()
}

#[cfg(test)]
mod tests;
