//! The demo with a person: keys insert and remove the card, the browser signs in, and every line
//! shows what a connected program sees.

use std::io::Write;

use cardea_client::session::LoginMode;
use cardea_client::{Update, Watch};
use cardea_simulator::readers::{DEFAULT_READER, NHS_ATR, SimulatedReaders};

use super::keys::{Key, Keys};
use super::program::{self, Screen};
use super::{DemoError, ENDPOINT, Stage};
use crate::output::LocalTime;
use crate::signals::AskedToStop;

const HELP: &str = "i = insert the card   r = remove it   l = log in   q = quit";

enum Happening {
    Key(Option<Key>),
    Seen(Update),
    Opened(String),
    Interrupted,
}

pub(super) async fn run(mut stage: Stage, out: &mut dyn Write) -> Result<(), DemoError> {
    let mut asked_to_stop = AskedToStop::listen().map_err(DemoError::Keys)?;
    let mut keys = Keys::read().map_err(DemoError::Keys)?;
    introduce(&stage, out)?;
    let mut watch = Watch::new(stage.client.clone());
    let mut screen = Screen::default();
    loop {
        let happening = tokio::select! {
            biased;
            () = asked_to_stop.wait() => Happening::Interrupted,
            update = watch.next() => Happening::Seen(update),
            Some(address) = stage.opened.recv() => Happening::Opened(address),
            key = keys.next() => Happening::Key(key),
        };
        let local = LocalTime::now();
        let you = |what: &str| Some(program::line(&local, "you", what));
        let line = match happening {
            Happening::Interrupted | Happening::Key(None | Some(Key::Quit)) => break,
            Happening::Key(Some(Key::Insert)) => you(insert(&stage.readers)?),
            Happening::Key(Some(Key::Remove)) => you(remove(&stage.readers)?),
            Happening::Key(Some(Key::Login)) => you(&login(&stage).await),
            Happening::Key(Some(Key::Unknown)) => Some(HELP.to_owned()),
            Happening::Opened(address) => {
                Some(program::line(&local, "the browser opens", &address))
            }
            Happening::Seen(update) => screen.line(&update, &local),
        };
        if let Some(line) = line {
            writeln!(out, "{line}")?;
            out.flush()?;
        }
    }
    writeln!(out, "Good-bye.")?;
    Ok(())
}

fn introduce(stage: &Stage, out: &mut dyn Write) -> Result<(), DemoError> {
    let people: Vec<_> = stage.provider.people().iter().map(|p| p.name()).collect();
    // Who built it from the source has it in no folder that the shell searches.
    let tools = std::env::current_exe().unwrap_or_else(|_| "cardea-dev".into());
    writeln!(
        out,
        "The agent's local API   {}\n\
         The simulated CIS2      http://127.0.0.1:{} ({}; each PIN is 1234)\n\
         The simulated reader    {DEFAULT_READER}, empty\n\
         A sample program        {} (open it in your browser)\n\
         Your own program        curl -H \"Authorization: Bearer {}\" {}/v1/session\n\
         Its tools               {ENDPOINT}={} {} status (or doctor, or apps approve CODE)\n\n\
         Insert the card: the browser opens, and you sign in. Then remove it.\n\
         Each line below is what a connected program sees, or what you did.\n\n\
         {HELP}\n",
        stage.url,
        stage.provider.port(),
        people.join(", "),
        stage.sample.url(),
        stage.token,
        stage.url,
        stage.endpoint_file.display(),
        tools.display(),
    )?;
    out.flush()?;
    Ok(())
}

fn insert(readers: &SimulatedReaders) -> Result<&'static str, DemoError> {
    if readers.has_card(DEFAULT_READER) {
        return Ok("wanted to insert the card, but it is in the reader");
    }
    readers.insert(DEFAULT_READER, &NHS_ATR)?;
    Ok("inserted the card")
}

fn remove(readers: &SimulatedReaders) -> Result<&'static str, DemoError> {
    if !readers.has_card(DEFAULT_READER) {
        return Ok("wanted to remove the card, but there is none");
    }
    readers.remove(DEFAULT_READER)?;
    Ok("removed the card")
}

/// Asks as a program would: what is refused is a line, not the end.
async fn login(stage: &Stage) -> String {
    match stage.client.login(LoginMode::SignIn).await {
        Ok(_) => "asked for a login".to_owned(),
        Err(error) => format!("asked for a login, and were refused: {error}"),
    }
}
