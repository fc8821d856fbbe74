//! The MSI: installed, upgraded while it runs, repaired and taken away, without a question. What
//! `cargo xtask msi --for-tests` makes: the version of now, a later one, and one that fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::wine::Wine;

/// How long a program may take to be there.
const LIMIT: Duration = Duration::from_secs(60);

const PROGRAMS: &str = r"C:\Program Files\Cardea";

/// The exit codes of msiexec that come through Wine's: their last eight bits.
const DONE: i32 = 0;
const FATAL: i32 = 1603 & 0xFF;

/// One of the MSIs.
fn package(number: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/windows/msi");
    let msi = folder.join(format!("cardea-test-{number}.msi"));
    msi.canonicalize().unwrap()
}

/// A computer on which the MSIs are installed.
struct Computer {
    wine: Wine,
}

impl Computer {
    fn new() -> Self {
        let wine = Wine::new();
        wine.be_windows_10();
        Self { wine }
    }

    /// `msiexec` with one of the MSIs, or with `REINSTALL` and the like.
    fn msiexec(&self, arguments: &[&str]) -> i32 {
        let mut msiexec = self.wine.installed("msiexec");
        let status = msiexec.args(arguments).arg("/qn").status().unwrap();
        status.code().unwrap()
    }

    fn install(&self, number: u32, properties: &[&str]) -> i32 {
        self.install_file(&package(number), properties)
    }

    fn install_file(&self, msi: &Path, properties: &[&str]) -> i32 {
        let msi = format!("Z:{}", msi.display()).replace('/', "\\");
        self.msiexec(&[&["/i", &msi], properties].concat())
    }

    /// The product code of what is installed, as programs and features have it, and its version.
    fn product(&self) -> Option<(String, String)> {
        let uninstall = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall";
        let listed = self.reg(uninstall);
        let entries = listed
            .split("\nHKEY_LOCAL_MACHINE\\")
            .filter(|entry| entry.contains("DisplayName    REG_SZ    Cardea"));
        let products: Vec<_> = entries.collect();
        assert!(products.len() <= 1, "{products:?}");
        let entry = products.first()?;
        let code = entry.lines().next()?.rsplit('\\').next()?;
        let version = entry.split("DisplayVersion    REG_SZ    ").nth(1)?;
        Some((code.to_owned(), version.lines().next()?.to_owned()))
    }

    fn version(&self) -> String {
        self.product()
            .map(|(_, version)| version)
            .unwrap_or_default()
    }

    /// What the registry says below a key; nothing when it is not there.
    fn reg(&self, key: &str) -> String {
        let mut query = self.wine.installed("reg");
        let output = query.args(["query", key, "/s"]).output().unwrap();
        if !output.status.success() {
            return String::new();
        }
        String::from_utf8_lossy(&output.stdout).replace('\r', "")
    }

    fn program(&self, name: &str) -> Command {
        self.wine.installed(&format!("{PROGRAMS}\\{name}"))
    }

    fn cardea(&self, arguments: &[&str]) -> Output {
        self.program("cardea.exe").args(arguments).output().unwrap()
    }

    /// Asks until an agent answers, and not the one that ran before.
    fn agent(&self, but_not: Option<&Value>) -> Value {
        let until = Instant::now() + LIMIT;
        while Instant::now() < until {
            let status = self.cardea(&["status", "--json"]);
            let snapshot: Value = serde_json::from_slice(&status.stdout).unwrap_or_default();
            if status.status.success() && Some(&snapshot["boot"]) != but_not {
                return snapshot;
            }
        }
        panic!("no agent answers\n{}", self.log());
    }

    /// Waits until no program of ours runs.
    fn nothing_runs(&self) {
        let until = Instant::now() + LIMIT;
        loop {
            let status = self.cardea(&["status", "--all-sessions"]);
            assert_eq!(status.status.code(), Some(0));
            if status.stdout.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "{}", self.log());
        }
    }

    /// What the agents of this user wrote.
    fn log(&self) -> String {
        let logs = self.user_folder().join("logs");
        let files = std::fs::read_dir(logs).into_iter().flatten().flatten();
        let texts = files.map(|file| std::fs::read_to_string(file.path()).unwrap());
        texts.collect()
    }

    fn user_folder(&self) -> PathBuf {
        let users = std::fs::read_dir(self.wine.drive().join("users")).unwrap();
        let folders = users
            .flatten()
            .map(|user| user.path().join("AppData/Local/Cardea"));
        folders
            .into_iter()
            .find(|folder| folder.is_dir())
            .unwrap_or_default()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.wine.drive().join("Program Files/Cardea").join(name)
    }

    /// Every file and folder but the users' and Windows' own.
    fn files(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut folders = vec![
            self.wine.drive().join("Program Files"),
            self.wine.drive().join("ProgramData"),
        ];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
                found.insert(entry.path());
            }
        }
        found
    }

    /// The machine's keys and values.
    fn registry(&self) -> BTreeSet<String> {
        let mut key = String::new();
        let registry = self.wine.machine_registry();
        let mut found = BTreeSet::new();
        for line in registry.lines() {
            if line.starts_with('[') {
                // Behind the key is when it was written.
                key = line.split("] ").next().unwrap_or(line).to_owned();
                found.insert(key.clone());
            } else if line.starts_with(['"', '@']) {
                found.insert(format!("{key} {line}"));
            }
        }
        found
    }
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn it_installs_without_a_question_and_the_agent_runs_by_its_properties() {
    let computer = Computer::new();
    let properties = [
        "CLIENTID=999.apps.national",
        "CIS2ENVIRONMENT=int",
        "CLIENTAUTH=broker",
        "BROKERURL=https://broker.example/cis2",
        "ONREMOVAL=notify",
        "APIPORT=28090",
        "PAIRING=off",
        "BROWSERORIGIN1=https://gp.example",
    ];
    assert_eq!(computer.install(1, &properties), DONE);
    // The desktop was started in this session, and has started the agent.
    let snapshot = computer.agent(None);
    assert_eq!(snapshot["environment"], "int");
    let endpoint = std::fs::read_dir(computer.user_folder()).unwrap().flatten();
    let endpoint = endpoint.map(|file| file.path()).find(|path| {
        let path = path.to_string_lossy();
        path.contains("endpoint-") && path.ends_with(".json")
    });
    let endpoint = std::fs::read_to_string(endpoint.unwrap()).unwrap();
    assert!(endpoint.contains("http://127.0.0.1:28090"), "{endpoint}");

    let shown = computer.cardea(&["config", "show", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&shown.stdout).unwrap();
    let installed: BTreeSet<_> = rows
        .iter()
        .filter(|row| row["place"] == "installation")
        .map(|row| {
            format!(
                "{} = {}",
                row["key"].as_str().unwrap(),
                row["value"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "api.pairing = \"off\"",
        "api.port = 28090",
        "card.on_removal = \"notify\"",
        "cis2.broker_url = \"https://broker.example/cis2\"",
        "cis2.client_auth = \"broker\"",
        "cis2.client_id = \"999.apps.national\"",
        "cis2.environment = \"int\"",
    ];
    assert_eq!(installed, expected.map(str::to_owned).into());

    let event_log = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Cardea";
    let source = computer.reg(event_log);
    let message_file = format!(r"EventMessageFile    REG_EXPAND_SZ    {PROGRAMS}\cardea.exe");
    assert!(source.contains(&message_file), "{source}");
    let run = computer.reg(r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run");
    assert!(
        run.contains(&format!("\"{PROGRAMS}\\cardea-desktop.exe\"")),
        "{run}"
    );
    for browser in ["Microsoft\\Edge", "Google\\Chrome"] {
        let key = format!("HKLM\\Software\\Policies\\{browser}\\LoopbackNetworkAllowedForUrls");
        assert!(
            computer.reg(&key).contains("https://gp.example"),
            "{browser}"
        );
    }
    for file in ["LICENSE.txt", "THIRD-PARTY-NOTICES.txt", "cardea.cdx.json"] {
        assert!(computer.file(file).exists(), "{file}");
    }
    let doctor = computer.cardea(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let autostart = checks
        .iter()
        .find(|check| check["id"] == "autostart")
        .unwrap();
    assert_eq!(autostart["outcome"], "ok", "{autostart}");
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn what_was_given_holds_at_the_next_version_and_the_agent_runs_again() {
    let computer = Computer::new();
    let properties = ["CLIENTID=1.apps", "APIPORT=28091", "AUTOSTART=0"];
    assert_eq!(computer.install(1, &properties), DONE);
    let first = computer.version();
    // It does not start at log-on, and did not now: it has only looked whether it should.
    computer.nothing_runs();
    // Somebody starts it.
    let mut desktop = computer.program("cardea-desktop.exe").spawn().unwrap();
    let before = computer.agent(None);
    let no_run = |computer: &Computer| {
        let run = computer.reg(r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run");
        !run.contains("cardea-desktop")
    };
    assert!(no_run(&computer));
    // What IT has put beside it.
    computer.wine.import_registry(
        "[HKEY_LOCAL_MACHINE\\Software\\Cardea\\session]\n\"idle_timeout\"=\"15m\"\n",
    );

    assert_eq!(computer.install(2, &["PAIRING=off"]), DONE);
    assert_ne!(computer.version(), first);
    // Another run of the agent, by nobody's doing but the installer's.
    computer.agent(Some(&before["boot"]));
    // What somebody started was ended, and this is not it.
    assert!(desktop.try_wait().unwrap().is_some());
    // The first one ended in order.
    assert_eq!(computer.log().matches("the agent has stopped").count(), 1);
    let given = computer.reg(r"HKLM\Software\Cardea");
    for value in [
        "client_id    REG_SZ    1.apps",
        "port    REG_SZ    28091",
        "autostart    REG_SZ    0",
        "pairing    REG_SZ    off",
        "idle_timeout    REG_SZ    15m",
    ] {
        assert!(given.contains(value), "{value} in {given}");
    }
    assert!(no_run(&computer));
    assert_eq!(computer.reg(r"HKLM\Software\CardeaStopped"), "");
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn the_agent_alone_stays_alone_and_a_user_can_leave_nothing_before_it_goes() {
    let computer = Computer::new();
    let is_alone = || {
        assert!(!computer.file("cardea-desktop.exe").exists());
        let run = computer.reg(r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run");
        assert!(!run.contains("cardea"), "{run}");
    };
    // Given anew at the next version, as Wine knows nothing of features chosen before.
    let alone = ["ADDLOCAL=AgentFeature"];
    assert_eq!(computer.install(1, &alone), DONE);
    is_alone();
    computer.nothing_runs();
    let mut agent = computer.program("cardea.exe").arg("run").spawn().unwrap();
    let before = computer.agent(None);
    assert_eq!(computer.install(2, &alone), DONE);
    computer.agent(Some(&before["boot"]));
    assert!(agent.try_wait().unwrap().is_some());
    is_alone();

    let reset = || computer.cardea(&["reset", "--user"]).status.success();
    assert!(!reset(), "an agent runs");
    assert!(computer.cardea(&["stop-sessions"]).status.success());
    assert!(reset());
    assert_eq!(computer.user_folder(), PathBuf::new());
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn nothing_starts_that_did_not_run_where_it_is_not_wanted() {
    let computer = Computer::new();
    assert_eq!(computer.install(1, &["LAUNCH=0"]), DONE);
    let status = computer.cardea(&["status", "--all-sessions"]);
    assert_eq!((status.status.code(), status.stdout), (Some(0), Vec::new()));
    let folder = r"INSTALLDIR=C:\Program Files\Elsewhere\";
    assert_eq!(computer.install(2, &[folder]), DONE);
    assert!(!computer.file("cardea.exe").exists());
    let program = r"C:\Program Files\Elsewhere\cardea.exe";
    let all = computer
        .wine
        .installed(program)
        .args(["status", "--all-sessions"])
        .output();
    let all = all.unwrap();
    assert_eq!((all.status.code(), all.stdout), (Some(0), Vec::new()));
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn an_older_version_is_refused_and_changes_nothing() {
    let computer = Computer::new();
    assert_eq!(computer.install(2, &["CLIENTID=2.apps"]), DONE);
    let before = (computer.version(), computer.agent(None)["boot"].clone());
    assert_eq!(computer.install(1, &["CLIENTID=1.apps"]), FATAL);
    assert_eq!(
        (computer.version(), computer.agent(None)["boot"].clone()),
        before
    );
    let given = computer.reg(r"HKLM\Software\Cardea");
    assert!(given.contains("2.apps"), "{given}");
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn a_version_that_fails_leaves_the_old_one_and_its_session() {
    let computer = Computer::new();
    assert_eq!(computer.install(1, &["CLIENTID=1.apps"]), DONE);
    let before = (computer.version(), computer.agent(None)["boot"].clone());
    let unchanged = |why: &str| {
        let now = (computer.version(), computer.agent(None)["boot"].clone());
        assert_eq!(now, before, "{why}");
        let given = computer.reg(r"HKLM\Software\Cardea");
        assert!(given.contains("1.apps"), "{why}: {given}");
    };
    assert_eq!(computer.install(3, &["CLIENTID=3.apps"]), FATAL);
    unchanged("an action of the new version fails");

    // As a download that was cut off.
    let whole = std::fs::read(package(2)).unwrap();
    let half = computer.wine.drive().join("test/half.msi");
    std::fs::write(half, &whole[..whole.len() / 2]).unwrap();
    assert_ne!(computer.msiexec(&["/i", r"C:\test\half.msi"]), DONE);
    unchanged("half of a file");
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn what_no_setting_takes_is_refused_before_anything_is_changed() {
    let computer = Computer::new();
    let before = (computer.files(), computer.registry().len());
    for given in [
        "CIS2ENVIRONMENT=production",
        "CLIENTAUTH=secret",
        "BROKERURL=http://broker.example",
        "ONREMOVAL=ignore",
        "APIPORT=70000",
        "APIPORT=http",
        "PAIRING=on",
        "AUTOSTART=false",
        "LAUNCH=no",
        "BROWSERORIGIN2=gp.example",
        // Where users may write, while the system runs programs from there.
        r"INSTALLDIR=C:\Elsewhere\",
        r"INSTALLDIR=C:\Program Files\..\Elsewhere\",
    ] {
        assert_eq!(computer.install(1, &[given]), FATAL, "{given}");
    }
    assert_eq!((computer.files(), computer.registry().len()), before);
    assert_eq!(computer.product(), None);
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn a_windows_that_is_too_old_is_refused() {
    let computer = Computer { wine: Wine::new() };
    assert_eq!(computer.install(1, &[]), FATAL);
    assert_eq!(computer.product(), None);
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn a_copy_from_elsewhere_looks_after_what_is_installed() {
    let computer = Computer::new();
    assert_eq!(computer.install(1, &["CLIENTID=1.apps"]), DONE);
    computer.agent(None);
    std::fs::copy(
        computer.file("cardea.exe"),
        computer.wine.drive().join("test/cardea.exe"),
    )
    .unwrap();
    let copy = |arguments: &[&str]| {
        let mut copy = computer.wine.installed(r"C:\test\cardea.exe");
        copy.args(arguments).output().unwrap()
    };
    let status = copy(&["status", "--all-sessions"]);
    let said = String::from_utf8_lossy(&status.stdout);
    assert_eq!(status.status.code(), Some(0), "{said}");
    assert!(said.contains("nobody is signed in"), "{said}");
    assert!(copy(&["stop-sessions"]).status.success());
    assert_eq!(computer.log().matches("the agent has stopped").count(), 1);
    assert!(copy(&["status", "--all-sessions"]).stdout.is_empty());
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn a_repair_brings_back_what_was_lost_and_keeps_what_was_given() {
    let computer = Computer::new();
    assert_eq!(
        computer.install(1, &["CLIENTID=1.apps", "APIPORT=28092"]),
        DONE
    );
    let before = computer.agent(None);
    std::fs::remove_file(computer.file("LICENSE.txt")).unwrap();
    let (code, _) = computer.product().unwrap();
    let given = |computer: &Computer| {
        let keys = [
            r"HKLM\Software\Cardea",
            r"HKLM\Software\CardeaSetup",
            r"HKLM\Software\Policies",
        ];
        keys.map(|key| computer.reg(key))
    };
    let settings = given(&computer);
    assert!(settings[0].contains("1.apps"), "{settings:?}");
    // Any user may ask for a repair, and with anything.
    let repair = [
        "/i",
        &code,
        "REINSTALL=ALL",
        "REINSTALLMODE=omus",
        "CLIENTID=2.apps",
        "ONREMOVAL=notify",
        "AUTOSTART=0",
        "BROWSERORIGIN2=https://evil.example",
        r"INSTALLDIR=C:\Elsewhere\",
    ];
    assert_eq!(computer.msiexec(&repair), DONE);
    assert!(computer.file("LICENSE.txt").exists());
    assert_eq!(given(&computer), settings);
    // It ends nobody's session. Nor does a tool that repeats the installation.
    assert_eq!(computer.agent(None)["boot"], before["boot"]);
    assert_eq!(computer.install(1, &["CLIENTID=2.apps"]), DONE);
    assert_eq!(given(&computer), settings);
    assert_eq!(computer.agent(None)["boot"], before["boot"]);
    // What IT has taken away stays away, and is not written as nothing.
    let mut delete = computer.wine.installed("reg");
    delete.args(["delete", r"HKLM\Software\Cardea\api", "/v", "port", "/f"]);
    assert!(delete.status().unwrap().success());
    assert_eq!(computer.msiexec(&repair), DONE);
    let left = computer.reg(r"HKLM\Software\Cardea");
    assert!(!left.contains("port") && left.contains("1.apps"), "{left}");
}

#[test]
#[ignore = "needs the MSIs for tests"]
fn nothing_of_the_machines_is_left_and_what_is_left_of_the_user_goes_by_reset() {
    let computer = Computer::new();
    let (files, registry) = (computer.files(), computer.registry());
    let properties = ["CLIENTID=1.apps", "BROWSERORIGIN1=https://gp.example"];
    assert_eq!(computer.install(1, &properties), DONE);
    computer.agent(None);
    assert_eq!(computer.install(2, &[]), DONE);
    computer.agent(None);
    // A copy of the tool, for afterwards.
    let copy = computer.wine.drive().join("test/cardea.exe");
    std::fs::copy(computer.file("cardea.exe"), copy).unwrap();

    let (code, _) = computer.product().unwrap();
    assert_eq!(computer.msiexec(&["/x", &code, "FORGOOD=1"]), DONE);
    assert_eq!(computer.product(), None);
    assert_eq!(computer.files(), files);
    let left: Vec<_> = computer.registry().difference(&registry).cloned().collect();
    // Wine keeps what Windows' own installer does not: empty keys, and its own list of folders.
    let ours = ["cardea", "gp.example", "2808"];
    let left: Vec<_> = left
        .iter()
        .filter(|line| {
            ours.iter()
                .any(|word| line.to_ascii_lowercase().contains(word))
        })
        .collect();
    assert_eq!(left, Vec::<&String>::new());

    assert!(computer.user_folder().exists());
    let reset = computer
        .wine
        .installed(r"C:\test\cardea.exe")
        .args(["reset", "--user"])
        .status();
    assert!(reset.unwrap().success());
    assert_eq!(computer.user_folder(), PathBuf::new());
}

#[test]
#[ignore = "needs the MSI that is shipped"]
fn as_it_is_shipped_it_installs_runs_and_goes() {
    let computer = Computer::new();
    let name = concat!("cardea-", env!("CARGO_PKG_VERSION"), "-x64.msi");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/msi");
    let msi = folder.join(name).canonicalize().unwrap();
    assert_eq!(computer.install_file(&msi, &["CLIENTID=1.apps"]), DONE);
    assert_eq!(computer.agent(None)["state"], "no_reader");
    let (code, _) = computer.product().unwrap();
    assert_eq!(computer.msiexec(&["/x", &code]), DONE);
    assert_eq!(computer.product(), None);
    assert!(!computer.file("cardea.exe").exists());
}
