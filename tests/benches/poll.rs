//! What polls of the session take: first of two hundred programs at their pace, then as many as the
//! agent can answer, with every check, beside the same axum with none and nginx with the same bytes.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::apps;
use crate::harness::agent::Plan;
use crate::harness::programs;
use crate::harness::workstation::Workstation;
use crate::peer_status::PeerStatus;
use crate::poll_paced;
use crate::process::{cpu_us, free_port, pin};
use crate::report::Report;
use crate::statistics::median;

const SERVER_CORE: &str = "0";
const CLIENT_CORE: &str = "1";
const CONNECTIONS: &str = "16";
const BLOCK: &str = "4s";
/// Blocks of each kind, in turns.
const ROUNDS: usize = 5;

/// What wrk found.
struct Load {
    requests: f64,
    per_second: f64,
    p99_ms: f64,
}

/// A process that is killed when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    ours_not_modified: Vec<f64>,
    floor: Vec<f64>,
    nginx: Vec<f64>,
    p99_ms: Vec<f64>,
    cpu_us: Vec<f64>,
}

/// Measures; with the peer beside the programs at their pace.
pub async fn run(with_peer: bool) -> Result<Report> {
    // Before this process keeps to one core.
    let report = Report::new("poll");
    let polling = apps::many(poll_paced::PROGRAMS);
    let (workstation, stream) =
        Workstation::signed_in_with(|plan| polling.iter().fold(plan, Plan::app)).await?;
    drop(stream);
    let answer = workstation.get("/v1/session").await?;
    let tag = answer.headers()["etag"].to_str()?.to_owned();
    let folder = TempDir::new()?;
    let (floor_process, floor_address) = floor(answer.body())?;
    let (_nginx, nginx) = nginx(folder.path(), answer.body())?;
    let pid = workstation.agent.pid();
    pin(pid, SERVER_CORE)?;
    pin(std::process::id(), CLIENT_CORE)?;
    let peer = match with_peer {
        true => Some(PeerStatus::start(&workstation.pcscd.socket()).await?),
        false => None,
    };
    if let Some(peer) = &peer {
        pin(peer.pid(), SERVER_CORE)?;
    }
    let report = poll_paced::run(
        &workstation,
        &polling,
        &tag,
        (floor_address, floor_process.0.id()),
        peer.as_ref(),
        report,
    )?;
    drop(peer);

    let token = format!("authorization: Bearer {}", workstation.app.token);
    let tag = format!("if-none-match: {tag}");
    let ours = format!("{}/v1/session", workstation.agent.url);
    let floor = format!("http://{floor_address}/v1/session");
    let mut rates = Rates::default();
    for _ in 0..ROUNDS {
        let before = cpu_us(pid)?;
        let load = wrk(&ours, &[&token])?;
        rates.cpu_us.push((cpu_us(pid)? - before) / load.requests);
        rates.ours.push(load.per_second);
        rates.p99_ms.push(load.p99_ms);
        let not_modified = wrk(&ours, &[&token, &tag])?;
        rates.ours_not_modified.push(not_modified.per_second);
        rates.floor.push(wrk(&floor, &[&token])?.per_second);
        rates.nginx.push(wrk(&nginx, &[&token])?.per_second);
    }
    let unchanged = workstation.get("/v1/session").await?;
    ensure!(
        unchanged.body() == answer.body(),
        "the session changed meanwhile"
    );
    Ok(report
        .with("n", ROUNDS)
        .with("answer_bytes", answer.body().len())
        .with_number("ours_rps", median(&rates.ours))
        .with_number("ours_not_modified_rps", median(&rates.ours_not_modified))
        .with_number("floor_rps", median(&rates.floor))
        .with_number("nginx_rps", median(&rates.nginx))
        .with_number("ours_of_floor", median(&rates.ours) / median(&rates.floor))
        .with_number("ours_p99_ms", median(&rates.p99_ms))
        .with_number("cpu_us_per_request", median(&rates.cpu_us)))
}

/// The same axum with a constant answer.
fn floor(answer: &[u8]) -> Result<(Server, SocketAddr)> {
    let program = programs::cardea().with_file_name("examples/poll-floor");
    let mut child = on_core(SERVER_CORE, &program.to_string_lossy())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("poll-floor; `cargo xtask bench poll` builds it")?;
    child.stdin.take().context("no input")?.write_all(answer)?;
    let mut port = String::new();
    let output = child.stdout.take().context("no output")?;
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut port)?;
    let address = ([127, 0, 0, 1], port.trim().parse()?).into();
    Ok((Server(child), address))
}

/// nginx with the same bytes, its limit on requests per connection out of the way.
fn nginx(folder: &Path, answer: &[u8]) -> Result<(Server, String)> {
    let port = free_port()?;
    fs::create_dir_all(folder.join("v1"))?;
    fs::write(folder.join("v1/session"), answer)?;
    let folder = folder.display();
    let configuration = format!(
        "user root; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; open_file_cache max=8; keepalive_requests 1000000000;\n\
         client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;\n\
         uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;\n\
         server {{ listen 127.0.0.1:{port}; default_type application/json;\n\
         location / {{ root {folder}; }} }} }}\n"
    );
    let file = format!("{folder}/nginx.conf");
    fs::write(&file, configuration)?;
    let child = on_core(SERVER_CORE, "nginx")
        .args(["-e", &format!("{folder}/error"), "-c", &file])
        .spawn()
        .context("nginx")?;
    let server = Server(child);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(std::time::Instant::now() < until, "nginx does not start");
        std::thread::yield_now();
    }
    Ok((server, format!("http://127.0.0.1:{port}/v1/session")))
}

fn on_core(core: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core, program]);
    command
}

fn wrk(url: &str, headers: &[&str]) -> Result<Load> {
    let mut command = on_core(CLIENT_CORE, "wrk");
    command.args(["--threads", "1", "--connections", CONNECTIONS]);
    command.args(["--duration", BLOCK, "--latency"]);
    for header in headers {
        command.args(["--header", header]);
    }
    let output = command.arg(url).output().context("wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors"),
        "{text}"
    );
    let after = |mark: &str| {
        let rest = text.split_once(mark).map(|(_, rest)| rest);
        let word = rest.and_then(|rest| rest.split_whitespace().next());
        word.with_context(|| format!("wrk says no {mark}: {text}"))
    };
    let requests = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in"))
        .with_context(|| format!("wrk counts no requests: {text}"))?;
    Ok(Load {
        requests: requests.0.parse()?,
        per_second: after("Requests/sec:")?.parse()?,
        p99_ms: duration_ms(after("\n     99%")?)?,
    })
}

/// `512.00us`, `1.20ms`, `1.02s`.
fn duration_ms(text: &str) -> Result<f64> {
    let (number, factor) = if let Some(number) = text.strip_suffix("us") {
        (number, 1e-3)
    } else if let Some(number) = text.strip_suffix("ms") {
        (number, 1.0)
    } else {
        (text.strip_suffix('s').context("no duration")?, 1e3)
    };
    Ok(number.parse::<f64>()? * factor)
}
