//! The OpenAPI document, generated from the routes and types.

mod examples;

use axum::http::Method;
use cardea_session::Snapshot;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::access::Access;
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
        routes::app::leave,
        routes::pairings::ask,
        routes::pairings::claim,
        routes::session::read,
        routes::tokens::read,
        routes::events::stream,
        routes::web_socket::open,
        routes::control::login,
        routes::control::logout,
        routes::logout_token::hand_in,
        routes::control::activity,
        routes::control::cancel,
        routes::control::address,
        routes::window::open,
        routes::agent::stop,
        routes::diagnostics::read,
        routes::doctor::examine,
        routes::activity::read,
        routes::pairings::list,
        routes::pairings::approve,
        routes::pairings::decline,
        routes::apps::list,
        routes::apps::add,
        routes::apps::revoke,
    ),
    components(schemas(Snapshot, Message, ProblemDocument)),
    modifiers(&Token, &Problems, &OnlyWhatIsSaid, &Examples),
)]
struct Api;

/// Programs show who they are by a token; what it must be good for is said once, in the table of
/// routes.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
        for rule in routes::table().access() {
            let security = match rule.access {
                Access::Anyone | Access::Pairing | Access::OwnPrograms => {
                    SecurityRequirement::default()
                }
                Access::Program => SecurityRequirement::new("token", [""; 0]),
                Access::Scope(scope)
                | Access::WebSocketScope(scope)
                | Access::SocketScope(scope) => SecurityRequirement::new("token", [scope.as_str()]),
            };
            let item = document.paths.paths.get_mut(rule.path);
            for (method, operation) in item.into_iter().flat_map(operations) {
                if method == *rule.method {
                    operation.security = Some(vec![security.clone()]);
                }
            }
        }
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
        for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
            let responses = &mut operation.responses.responses;
            responses.insert("default".to_owned(), problem.clone().into());
        }
    }
}

/// What goes over the wire, to be looked at.
struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut Document) {
        for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
            let id = operation.operation_id.clone().unwrap_or_default();
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                for content in contents(body.content.values_mut()) {
                    content.example = examples::request(&id);
                }
            }
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    for content in contents(response.content.values_mut()) {
                        show_answer(content, &id, status);
                    }
                }
            }
        }
    }
}

fn show_answer(content: &mut Content, operation: &str, status: &str) {
    if status == "default" {
        content.example = Some(examples::problem());
    } else if operation.starts_with("events") {
        for (name, value) in examples::events() {
            let example = ExampleBuilder::new().value(Some(value)).build();
            content.examples.insert(name.to_owned(), example.into());
        }
    } else {
        content.example = examples::answer(operation, status);
    }
}

fn contents<'a>(
    all: impl Iterator<Item = &'a mut RefOr<Content>>,
) -> impl Iterator<Item = &'a mut Content> {
    all.filter_map(|content| match content {
        RefOr::T(content) => Some(content),
        RefOr::Ref(_) => None,
    })
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// What our types can read but no agent says: null for what is absent, and `unknown` for the words
/// of a newer agent.
struct OnlyWhatIsSaid;

impl Modify for OnlyWhatIsSaid {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.schemas.values_mut().for_each(only_what_is_said);
    }
}

fn only_what_is_said(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if let Some(values) = &mut object.enum_values {
                values.retain(|value| value != "unknown");
            }
            object.properties.values_mut().for_each(forbid_null);
        }
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(only_what_is_said),
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

fn forbid_null(property: &mut RefOr<Schema>) {
    let RefOr::T(schema) = property else {
        return;
    };
    if let Schema::Object(object) = schema
        && let SchemaType::Array(types) = &object.schema_type
        && let [only, Type::Null] = types.as_slice()
    {
        object.schema_type = SchemaType::Type(only.clone());
    } else if let Schema::OneOf(choice) = schema
        && let [only, RefOr::T(Schema::Object(null))] = choice.items.as_slice()
        && null.schema_type == SchemaType::Type(Type::Null)
    {
        *property = only.clone();
    }
}

/// The document that `GET /v1/openapi.json` serves.
#[must_use]
pub fn openapi_json() -> String {
    Api::openapi().to_pretty_json().unwrap_or_default()
}

#[cfg(test)]
mod tests;
