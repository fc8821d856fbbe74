//! The pages of the simulated CIS2: plain HTML, no script, no NHS logo.

use std::fmt::Write as _;

use crate::provider::REALM;
use crate::provider::route::{SIGN_IN, STYLE};
use crate::provider::state::Shared;
use crate::provider::{Person, PersonRole};

/// The pages' style sheet: the colours of nhsuk-frontend, in Arial.
pub(super) const STYLE_SHEET: &str = include_str!("page.css");

/// What was wrong with a form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    NobodyChosen,
    WrongPin,
    NoRoleChosen,
}

impl Problem {
    fn text(self) -> &'static str {
        match self {
            Self::NobodyChosen => "Choose whose card is in the reader",
            Self::WrongPin => "The PIN is not right. Enter the PIN of this person’s card",
            Self::NoRoleChosen => "Choose a role",
        }
    }

    /// The id of the input to mend.
    fn input(self) -> &'static str {
        match self {
            Self::NobodyChosen => "person-0",
            Self::WrongPin => "pin",
            Self::NoRoleChosen => "role-0",
        }
    }
}

/// Asks who it is, and the PIN. Who was `chosen` before stays chosen.
pub(super) fn person(
    shared: &Shared,
    id: &str,
    chosen: Option<&str>,
    problem: Option<Problem>,
) -> String {
    let mut choices = String::new();
    for (index, person) in shared.people.iter().enumerate() {
        let hint = roles_in_words(&person.roles);
        let checked = chosen == Some(person.id.as_str());
        let choice = Choice {
            name: "person",
            index,
            value: &person.id,
            checked,
        };
        choices += &choice.html(&person.name(), &hint);
    }
    let people = group(
        "Whose card is in the reader?",
        "The simulated card has no owner. Choose who it belongs to.",
        &choices,
        problem.filter(|&problem| problem == Problem::NobodyChosen),
    );
    let (class, error) = match problem {
        Some(problem @ Problem::WrongPin) => ("field error", error_text(problem)),
        Some(Problem::NobodyChosen | Problem::NoRoleChosen) | None => ("field", String::new()),
    };
    let described = if error.is_empty() {
        "pin-hint"
    } else {
        "pin-hint error"
    };
    let content = format!(
        r#"{people}
<div class="{class}">
<label for="pin">PIN</label>
<p class="hint" id="pin-hint">Each simulated card comes with the PIN 1234.</p>
{error}<input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="12" aria-describedby="{described}">
</div>"#
    );
    form(shared, id, "Sign in with your smartcard", &content, problem)
}

/// Asks for the role.
pub(super) fn role(shared: &Shared, id: &str, person: &Person, problem: Option<Problem>) -> String {
    let mut choices = String::new();
    for (index, role) in person.roles.iter().enumerate() {
        let [_, _, job] = &role.name;
        let place = format!("{} ({})", role.org_name, role.org_code);
        let choice = Choice {
            name: "role",
            index,
            value: &role.id,
            checked: false,
        };
        choices += &choice.html(job, &place);
    }
    let hint = format!("{} can work in more than one role.", escape(&person.name()));
    let roles = group("Which role do you need now?", &hint, &choices, problem);
    form(shared, id, "Choose your role", &roles, problem)
}

/// Says that the request came from nobody known.
pub(super) fn refused(shared: &Shared) -> String {
    let text = "<p>This client or its redirect address is not registered here. Nothing was sent \
                back to it.</p>";
    page(shared, "This sign-in cannot start", text)
}

/// Says that the form is no longer good.
pub(super) fn over(shared: &Shared) -> String {
    let text = "<p>It was finished, cancelled or forgotten. Start again in Cardea.</p>";
    page(shared, "This sign-in is over", text)
}

fn form(shared: &Shared, id: &str, title: &str, content: &str, problem: Option<Problem>) -> String {
    let summary = problem.map(summary).unwrap_or_default();
    let action = format!("{REALM}{SIGN_IN}");
    let body = format!(
        r#"{summary}<form class="card" method="post" action="{action}" novalidate>
<input type="hidden" name="sign_in" value="{id}">
{content}
<div class="buttons">
<button type="submit" name="do" value="continue">Continue</button>
<button type="submit" name="do" value="cancel" class="secondary">Cancel</button>
</div>
</form>"#
    );
    let prefix = if problem.is_some() { "Error: " } else { "" };
    whole(shared, &format!("{prefix}{title}"), title, &body)
}

fn page(shared: &Shared, title: &str, body: &str) -> String {
    whole(
        shared,
        title,
        title,
        &format!(r#"<div class="card">{body}</div>"#),
    )
}

fn whole(shared: &Shared, title: &str, heading: &str, body: &str) -> String {
    let style = format!("{}{STYLE}", shared.issuer);
    format!(
        r##"<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Simulated CIS2</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
</head>
<body>
<a class="skip" href="#main">Skip to main content</a>
<header><div class="width">Simulated CIS2</div></header>
<aside class="banner" aria-label="Warning"><div class="width"><p>Simulated CIS2 – not a real service
<span>For developers only. Everyone here is made up. Never enter a real PIN.</span></p></div></aside>
<main id="main" class="width">
<h1>{heading}</h1>
{body}
</main>
</body>
</html>
"##
    )
}

fn summary(problem: Problem) -> String {
    format!(
        r##"<div class="summary" role="alert" aria-labelledby="summary-title">
<h2 id="summary-title">There is a problem</h2>
<a href="#{}">{}</a>
</div>
"##,
        problem.input(),
        problem.text()
    )
}

fn group(legend: &str, hint: &str, choices: &str, problem: Option<Problem>) -> String {
    let error = problem.map(error_text).unwrap_or_default();
    let class = if error.is_empty() {
        ""
    } else {
        r#" class="error""#
    };
    let described = if error.is_empty() {
        "hint"
    } else {
        "hint error"
    };
    format!(
        r#"<fieldset{class} aria-describedby="{described}">
<legend>{legend}</legend>
<p class="hint" id="hint">{hint}</p>
{error}{choices}</fieldset>"#
    )
}

fn error_text(problem: Problem) -> String {
    format!(
        r#"<p class="error-text" id="error">Error: {}</p>"#,
        problem.text()
    )
}

/// One radio button of a group.
struct Choice<'a> {
    name: &'static str,
    index: usize,
    value: &'a str,
    checked: bool,
}

impl Choice<'_> {
    fn html(&self, label: &str, hint: &str) -> String {
        let [value, label, hint] = [self.value, label, hint].map(escape);
        let name = self.name;
        let id = format!("{name}-{}", self.index);
        let checked = if self.checked { " checked" } else { "" };
        format!(
            r#"<div class="choice"><input type="radio" id="{id}" name="{name}" value="{value}"{checked} aria-describedby="{id}-hint"><label for="{id}">{label}</label><small id="{id}-hint">{hint}</small></div>
"#
        )
    }
}

fn roles_in_words(roles: &[PersonRole]) -> String {
    match roles {
        [] => "No role".to_owned(),
        [role] => {
            let [_, _, job] = &role.name;
            format!("{job} at {}", role.org_name)
        }
        several => {
            let mut places: Vec<&str> = several.iter().map(|role| role.org_code.as_str()).collect();
            places.dedup();
            let mut text = format!("{} roles at", several.len());
            for (index, place) in places.iter().enumerate() {
                let joint = if index == 0 { "" } else { " and" };
                // Writing to a String cannot fail.
                let _ = write!(text, "{joint} {place}");
            }
            text
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
