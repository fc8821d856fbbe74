//! Two users of one computer, one of them in three sessions and the other in two, sign in at once,
//! while a third one lies in wait at a redirect port.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::{Client, Person, Provider, ProviderSettings, Seen, Step};
use futures_util::future::{join_all, try_join_all};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::harness::agent::{Agent, App, Home, Plan};
use crate::harness::opened_pages::OpenedPages;
use crate::harness::pcscd::{OMNIKEY, Pcscd};
use crate::harness::programs;
use crate::harness::secret_service::SecretService;
use crate::harness::workstation::{CLIENT_ID, NHS_CARD, SECRET, succeeded};

/// Users that every Debian system has and that nothing runs as: `news` and `uucp` (base-passwd).
const ANNE: u32 = 9;
const BEN: u32 = 10;
/// The first of the default redirect ports.
const WATCHED_PORT: u16 = 28117;
const LIMIT: Duration = Duration::from_secs(60);

/// One session of a user of this computer.
struct Seat {
    user: u32,
    person: Person,
    agent: Agent,
    app: App,
    pages: OpenedPages,
    _keyring: SecretService,
}

impl Seat {
    async fn take(
        user: u32,
        person: Person,
        issuer: &str,
        pcscd: &Pcscd,
        folder: &TempDir,
    ) -> Result<Self> {
        let keyring = SecretService::start_as(user).await?;
        let pages = OpenedPages::new()?;
        let home = Home::of_user(user, folder.path().join("cardea"))
            .env("PCSCLITE_CSOCK_NAME", pcscd.socket().to_string_lossy())
            .env("DBUS_SESSION_BUS_ADDRESS", keyring.bus())
            .env("PATH", pages.path().to_string_lossy());
        succeeded(&home.tool_told(&["secret", "set"], SECRET).await)?;
        let app = App::new("emis");
        // With the ports as they are by default: for the redirect and for programs.
        let plan = Plan::new()
            .cis2(issuer, CLIENT_ID)
            .setting("cis2", "client_auth = \"client_secret_post\"")
            .app(&app);
        Ok(Self {
            user,
            person,
            agent: plan.start_in(home).await,
            app,
            pages,
            _keyring: keyring,
        })
    }

    /// `cardea login` as this user, and what it prints, line by line.
    fn start_login(&self, said: mpsc::UnboundedSender<String>) -> Result<Child> {
        let mut login = self
            .agent
            .home
            .command(&["login"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = login.stdout.take().context("no output")?;
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let _nobody = said.send(line);
            }
        });
        Ok(login)
    }

    /// Who is signed in, as the user is told.
    async fn signed_in_as(&self) -> Result<Value> {
        let status = succeeded(&self.agent.home.tool(&["status", "--json"]).await)?;
        let status: Value = serde_json::from_str(&status)?;
        Ok(status["session"]["user"]["id"].clone())
    }
}

/// What `curl` of a user gets: the status and the body.
async fn curl(user: Option<u32>, url: &str, token: &str) -> Result<(String, String)> {
    let mut command = Command::new("curl");
    command
        .args([
            "--silent",
            "--max-time",
            "20",
            "--write-out",
            "\n%{http_code}",
        ])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .arg(format!("{url}/v1/session"))
        .current_dir("/");
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = String::from_utf8(command.output().await?.stdout)?;
    let (body, status) = output.rsplit_once('\n').context("no status")?;
    Ok((status.to_owned(), body.to_owned()))
}

/// Five people with names of their own.
fn people() -> Vec<Person> {
    let nurse = Person::everyone().swap_remove(0);
    let person = |number| Person {
        id: format!("55500000090{number}"),
        given_name: format!("Person{number}"),
        ..nurse.clone()
    };
    (1..=5).map(person).collect()
}

/// Somebody who listens where browsers may look for `localhost` first. Gives who came.
async fn lie_in_wait() -> Result<(mpsc::UnboundedReceiver<()>, tokio::task::JoinHandle<()>)> {
    let trap = TcpListener::bind(("::1", WATCHED_PORT)).await?;
    let (came, comers) = mpsc::unbounded_channel();
    let waiting = tokio::spawn(async move {
        while let Ok((_stream, _)) = trap.accept().await {
            let _nobody = came.send(());
        }
    });
    Ok((comers, waiting))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_logins_on_three_ports_reach_their_own_users() -> Result<()> {
    ensure!(rustix::process::geteuid().is_root(), "needs root");
    let client = Client::with_secret(CLIENT_ID, SECRET);
    let provider = Provider::start(ProviderSettings {
        people: people(),
        ..ProviderSettings::with_client(client)
    })
    .await?;
    let pcscd = Pcscd::start();
    let reader = pcscd.plug(OMNIKEY);
    reader.insert(NHS_CARD);
    reader.settle();
    let folder = programs::cardea_for_everybody()?;
    let (mut comers, waiting) = lie_in_wait().await?;
    let users = [ANNE, BEN, ANNE, BEN, ANNE];
    let seats = users.into_iter().zip(people());
    let seats =
        seats.map(|(user, person)| Seat::take(user, person, provider.issuer(), &pcscd, &folder));
    let mut seats = try_join_all(seats).await?;

    // Nobody gets through until all five have begun: two ports are left for them.
    let hold = provider.hold(Step::Callback);
    let (said, mut heard) = mpsc::unbounded_channel();
    let logins: Vec<Child> = seats
        .iter()
        .map(|seat| seat.start_login(said.clone()))
        .collect::<Result<_>>()?;
    let visiting = join_all(seats.iter_mut().map(async |seat| {
        let address = seat.pages.next().await?;
        let page = browser::sign_in(&address, &SignIn::of(&seat.person)).await?;
        ensure!(page.content.contains("You are signed in"), "{page:?}");
        anyhow::Ok(())
    }));
    let three_wait = async {
        let mut waiting_for_a_port = 0;
        while waiting_for_a_port < 3 {
            let line = heard.recv().await.context("the logins ended")?;
            waiting_for_a_port += usize::from(line.contains("another user"));
        }
        hold.release();
        anyhow::Ok(heard)
    };
    let all = async { tokio::join!(visiting, three_wait) };
    let (visited, waited) = timeout(LIMIT, all).await.context("not in time")?;
    visited.into_iter().collect::<Result<Vec<()>>>()?;
    let _heard = waited?;
    for mut login in logins {
        ensure!(timeout(LIMIT, login.wait()).await??.success());
    }

    for seat in &seats {
        assert_eq!(seat.signed_in_as().await?, seat.person.id.as_str());
    }
    let log = provider.log();
    assert_eq!(log.grants(), 5);
    let at_the_trap = log.count(
        |seen| matches!(seen, Seen::Authorize(asked) if asked.redirect_uri.contains("28117")),
    );
    assert_eq!(at_the_trap, 0);
    assert!(comers.try_recv().is_err(), "somebody came to the trap");
    waiting.abort();

    reaches_only_its_own(&seats).await?;
    reader.remove();
    let ended = seats.iter().map(async |seat| {
        let waited = seat.agent.home.tool(&["wait", "--for", "ended"]).await;
        succeeded(&waited).map(drop)
    });
    try_join_all(ended).await?;
    let back = provider.wait_for(LIMIT, |log| log.cleaned_up()).await;
    back.context("not everything was given back").map(drop)
}

/// Each program reaches the agent of its own session, and no other one, whatever token it shows.
async fn reaches_only_its_own(seats: &[Seat]) -> Result<()> {
    for (number, seat) in seats.iter().enumerate() {
        for (other_number, other) in seats.iter().enumerate() {
            let url = &other.agent.url;
            let (status, body) = curl(Some(seat.user), url, &seat.app.token).await?;
            if number == other_number {
                assert_eq!(status, "200", "{body}");
                assert!(body.contains(&seat.person.id), "{body}");
            } else if seat.user == other.user {
                assert_eq!(status, "401", "{body}");
            } else {
                assert_eq!((status.as_str(), body.as_str()), ("403", ""));
                // Not even with a token that was stolen.
                let stolen = curl(Some(seat.user), url, &other.app.token).await?;
                assert_eq!((stolen.0.as_str(), stolen.1.as_str()), ("403", ""));
            }
        }
        let (status, body) = curl(None, &seat.agent.url, &seat.app.token).await?;
        assert_eq!((status.as_str(), body.as_str()), ("403", ""));
    }
    let urls: std::collections::BTreeSet<_> = seats.iter().map(|seat| &seat.agent.url).collect();
    assert_eq!(urls.len(), seats.len());
    Ok(())
}
