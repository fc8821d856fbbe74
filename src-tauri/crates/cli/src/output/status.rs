//! `cardea status` as text.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use cardea_client::session::{ReaderView, SessionView, Snapshot, State, User};

pub(crate) use super::phrases::waiting_for;
use super::phrases::{content, ended_because, environment, nobody_because};
use crate::output::{LocalTime, one_line};

/// Writes the snapshot for a clinician or the help desk: first whether somebody is signed in, then
/// who, what ends it, the readers, and what is wrong.
pub(crate) fn write(snapshot: &Snapshot, local: &LocalTime, out: &mut dyn Write) -> io::Result<()> {
    let session = snapshot
        .session
        .as_ref()
        .filter(|_| snapshot.state == State::Active);
    writeln!(out, "{}", headline(snapshot, session, local))?;
    let mut rows = Vec::new();
    if let Some(session) = session {
        describe_session(session, local, &mut rows);
    }
    if let Some(login) = &snapshot.login {
        let since = local.show(login.started_at);
        let what = waiting_for(login.waiting);
        rows.push(("Sign-in", format!("since {since}, waiting for {what}")));
    }
    for reader in &snapshot.readers {
        rows.push(("Reader", describe_reader(reader, session)));
    }
    if let Some(end) = snapshot.last_end.as_ref().filter(|_| session.is_none()) {
        let why = ended_because(end.reason);
        rows.push((
            "Last end",
            format!("{}: {why} [{}]", local.show(end.at), end.reason),
        ));
    }
    rows.push(("CIS2", environment(snapshot.environment).to_owned()));
    if let Some(failure) = &snapshot.failure {
        rows.push(("Problem", format!("{} [{}]", failure.message, failure.code)));
        rows.push(("To do", failure.remedy.clone()));
    }
    for (label, text) in rows {
        writeln!(out, "  {label:<9} {}", one_line(&text))?;
    }
    Ok(())
}

fn headline(snapshot: &Snapshot, session: Option<&SessionView>, local: &LocalTime) -> String {
    match session {
        Some(session) => format!("Signed in since {}.", local.show(session.started_at)),
        None => format!(
            "Nobody is signed in: {} (since {}).",
            nobody_because(snapshot.state),
            local.show(snapshot.since)
        ),
    }
}

fn describe_session(
    session: &SessionView,
    local: &LocalTime,
    rows: &mut Vec<(&'static str, String)>,
) {
    if let Some(user) = &session.user {
        rows.push(("User", describe_user(user)));
        rows.push(("Role", describe_role(user)));
    }
    let idle = local.show(session.idle_expires_at);
    let latest = local.show(session.expires_at);
    let soon = if session.expiring { "soon: " } else { "" };
    let ends = match session.card_bound {
        true => format!(
            "{soon}when the card is taken out; at {idle} unless somebody is active; at {latest} at \
             the latest"
        ),
        false => format!("{soon}at {idle} unless somebody is active; at {latest} at the latest"),
    };
    rows.push(("Ends", ends));
    if !session.card_bound {
        let warning = "taking the card out does NOT end this session".to_owned();
        rows.push(("Careful", warning));
    }
}

fn describe_user(user: &User) -> String {
    match &user.name {
        Some(name) => format!("{name} ({})", user.id),
        None => user.id.clone(),
    }
}

fn describe_role(user: &User) -> String {
    let Some(role) = user.selected_role() else {
        return match (&user.selected_roleid, user.roles.len()) {
            (Some(_), _) => "chosen, but CIS2 does not list it".to_owned(),
            (None, 0) => "none: CIS2 lists no role of this user".to_owned(),
            (None, count) => format!("none chosen ({count} to choose from)"),
        };
    };
    match &role.org_name {
        Some(name) => format!("{}, {name} ({})", role.display_name, role.org_code),
        None => format!("{}, {}", role.display_name, role.org_code),
    }
}

fn describe_reader(reader: &ReaderView, session: Option<&SessionView>) -> String {
    let bound = session.is_some_and(|session| session.readers.contains(&reader.name));
    let used = if bound { ", used to sign in" } else { "" };
    format!("{}: {}{used}", reader.name, content(reader))
}
