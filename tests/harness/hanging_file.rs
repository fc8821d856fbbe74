//! A file whose opening hangs, as one on a server that is away: another process holds a lease on it
//! (fcntl(2), `F_SETLEASE`) and does not let go when somebody opens it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);

/// Takes a write lease, says so, and stays. The system would end it by `SIGIO` when somebody comes.
const HOLDER: &str = r#"
    $SIG{IO} = 'IGNORE';
    open(my $file, '+>', $ARGV[0]) or die "open: $!";
    fcntl($file, 1024, 1) or die "lease: $!";
    $| = 1;
    print "held\n";
    sleep(600);
"#;

/// Hangs whoever opens the file, for 45 seconds by default (proc(5), `lease-break-time`).
pub struct HangingFile {
    _holder: Child,
}

impl HangingFile {
    /// Makes the file, empty.
    pub async fn at(path: &Path) -> Result<Self> {
        let mut holder = Command::new("perl")
            .args(["-e", HOLDER])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = holder.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let said = timeout(LIMIT, lines.next_line());
        let said = said.await.context("no lease in time")??;
        ensure!(said.as_deref() == Some("held"), "{said:?}");
        Ok(Self { _holder: holder })
    }
}
