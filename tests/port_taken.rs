//! Somebody else has the agent's port: who it is is said, programs find the agent all the same, and
//! nobody who has the port gets a token.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result, ensure};
use cardea_client::{Client, ClientError, Token};

use crate::harness::agent::{Agent, App, Home, Plan};
use crate::harness::programs;
use crate::harness::workstation::succeeded;

/// A user that every Debian system has and that nothing runs as: `news` (base-passwd).
const ANNE: u32 = 9;

/// A port that nobody has, as far as anyone can know, and the nineteen after it too; another one
/// for each test.
fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let mut ports = std::iter::repeat_with(|| NEXT.fetch_add(20, Ordering::Relaxed))
        .take_while(|port| *port < 28_000)
        .filter(|port| {
            (*port..*port + 20).all(|one| TcpListener::bind(("127.0.0.1", one)).is_ok())
        });
    ports.next().context("no free port")
}

fn plan(port: u16, when_taken: &str) -> Plan {
    Plan::new()
        .setting("api", format!("port = {port}"))
        .setting("api", format!("when_port_taken = {when_taken:?}"))
}

fn client(agent: &Agent, app: &App) -> Result<Client> {
    let app = cardea_client::App {
        id: app.id.to_owned(),
        token: Token::new(app.token.clone())?,
    };
    let file = agent.home.runtime().join("cardea/endpoint.json");
    Ok(Client::discover(file, app))
}

async fn said_of(agent: Agent) -> Result<String> {
    let (stopped, home) = agent.stop().await;
    ensure!(stopped.success());
    Ok(home.everything_written())
}

/// Answers everything as the agent would, but does not know any token; remembers what it is told.
struct Squatter {
    told: Arc<Mutex<Vec<u8>>>,
}

impl Squatter {
    fn at(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let told = Arc::<Mutex<Vec<u8>>>::default();
        let remembered = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let remembered = Arc::clone(&remembered);
                thread::spawn(move || Self::answer(stream, &remembered));
            }
        });
        Ok(Self { told })
    }

    fn answer(mut stream: TcpStream, remembered: &Mutex<Vec<u8>>) {
        let body =
            r#"{"status":"ok","boot":"0","proof":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut piece) {
            if let Ok(mut told) = remembered.lock() {
                told.extend_from_slice(&piece[..length]);
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn told(&self) -> String {
        let told = self.told.lock().map(|told| told.clone());
        String::from_utf8_lossy(&told.unwrap_or_default()).into_owned()
    }
}

#[tokio::test]
async fn a_squatter_gets_no_token_and_programs_find_the_agent_on_the_next_port() -> Result<()> {
    let port = free_port()?;
    let squatter = Squatter::at(port)?;
    let app = App::new("emis");
    let agent = plan(port, "next").app(&app).start_in(Home::new()).await;
    ensure!(
        agent.url == format!("http://127.0.0.1:{}", port + 1),
        "{}",
        agent.url
    );
    client(&agent, &app)?.session().await?;

    let misled = cardea_client::App {
        id: app.id.to_owned(),
        token: Token::new(app.token.clone())?,
    };
    let misled = Client::tcp(&format!("http://127.0.0.1:{port}"), misled)?;
    let refused = misled.session().await;
    ensure!(
        matches!(refused, Err(ClientError::NotProven)),
        "{refused:?}"
    );
    let told = squatter.told();
    ensure!(told.contains("/v1/health?app=emis&nonce="), "{told}");
    ensure!(
        !told.contains(&app.token) && !told.to_lowercase().contains("bearer"),
        "{told}"
    );
    let said = said_of(agent).await?;
    ensure!(said.contains("another program") && said.contains("the port of the settings is taken"));
    Ok(())
}

#[tokio::test]
async fn by_setting_a_taken_port_is_a_failure_that_names_who_has_it() -> Result<()> {
    let port = free_port()?;
    let first = plan(port, "next").start_in(Home::new()).await;
    let home = Home::new();
    let settings =
        format!("[cis2]\nclient_id = \"c\"\n[api]\nport = {port}\nwhen_port_taken = \"fail\"\n");
    std::fs::write(home.config(), settings)?;
    let mut second = home.start_without_port().await?;
    let status = succeeded(&home.tool(&["status"]).await)?;
    ensure!(status.contains("[api_port_busy]"), "{status}");
    let json: serde_json::Value =
        serde_json::from_str(&succeeded(&home.tool(&["status", "--json"]).await)?)?;
    let remedy = json["failure"]["remedy"].as_str().context("no failure")?;
    ensure!(
        remedy.contains("an agent of this user in another session"),
        "{remedy}"
    );
    second.kill().await?;
    drop(first);
    Ok(())
}

#[tokio::test]
async fn another_users_agent_on_the_port_is_told_from_a_foreign_program() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::set_permissions(
        folder.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    let copy = folder.path().join("cardea");
    std::fs::copy(programs::cardea(), &copy)?;
    let port = free_port()?;
    let theirs = plan(port, "next").start_in(Home::of_user(ANNE, copy)).await;
    ensure!(theirs.url.ends_with(&port.to_string()));
    let app = App::new("emis");
    let ours = plan(port, "next").app(&app).start_in(Home::new()).await;
    client(&ours, &app)?.session().await?;
    ensure!(said_of(ours).await?.contains("another user's agent"));
    Ok(())
}
