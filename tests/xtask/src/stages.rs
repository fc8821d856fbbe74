//! The stages of a test run: which there are, and the commands each is made of.

use std::process::Command;

use crate::arguments::{Bench, Extent};
use crate::bench;
use crate::fuzz;
use crate::process::{cargo, npm_run, root};
use crate::windows;

/// Random cases of each fuzz test in a long run.
const FUZZ_CASES: &str = "20000";

/// One named part of a test run.
pub struct Stage {
    /// The name in the table.
    pub name: &'static str,
    /// What it runs, in order; the first that fails ends the stage.
    pub commands: Vec<Command>,
}

/// The stages of a run, in order.
pub fn of(extent: Extent) -> Vec<Stage> {
    // The desktop has the page in it, and does not compile without.
    let mut stages = vec![formatting(), page(), lints()];
    if extent != Extent::Quick {
        stages.extend([dependencies(), documentation()]);
    }
    stages.push(unit_tests());
    if extent != Extent::Quick {
        stages.extend([
            clients(),
            page_tests(),
            programs(),
            end_to_end_tests(),
            windows(),
        ]);
    }
    if extent == Extent::Long {
        stages.extend([
            shipped_package(),
            fuzzing(),
            fuzz_targets(),
            soak(),
            benches(),
        ]);
    }
    stages
}

fn formatting() -> Stage {
    Stage {
        name: "formatting",
        commands: vec![cargo_with("fmt --all --check")],
    }
}

/// First `cardea` as it is shipped, then with what the simulator adds.
fn lints() -> Stage {
    Stage {
        name: "lints",
        commands: vec![
            cargo_with("clippy --workspace --all-targets -- -D warnings"),
            cargo_with(
                "clippy --workspace --all-targets --features cardea/simulator -- -D warnings",
            ),
        ],
    }
}

/// No advisories: their database comes over a network that not every machine has.
fn dependencies() -> Stage {
    Stage {
        name: "dependencies",
        commands: vec![cargo_with(
            "deny check --allow unused-wrapper bans licenses sources",
        )],
    }
}

fn documentation() -> Stage {
    let mut doc = cargo_with("doc --workspace --no-deps");
    doc.env("RUSTDOCFLAGS", "-D warnings");
    Stage {
        name: "documentation",
        commands: vec![doc],
    }
}

fn unit_tests() -> Stage {
    Stage {
        name: "unit tests",
        commands: vec![
            cargo_with("test --workspace --exclude end-to-end --no-fail-fast"),
            cargo_with("test -p cardea --features simulator --no-fail-fast"),
        ],
    }
}

/// The client libraries in other languages, by themselves; at the real agent they are among the
/// end-to-end tests.
fn clients() -> Stage {
    let mut commands = typescript_client();
    commands.extend(csharp_client());
    Stage {
        name: "clients",
        commands,
    }
}

/// Checks the TypeScript client and runs its tests in Node.
fn typescript_client() -> Vec<Command> {
    ["check", "test"]
        .map(|script| npm_run(script, "src-tauri/clients/typescript"))
        .into()
}

/// Builds the window's page.
fn page() -> Stage {
    Stage {
        name: "page",
        commands: vec![npm_run("build", "ui")],
    }
}

/// Checks the page, and runs its tests in Node and then in Chromium, which look at what was built.
fn page_tests() -> Stage {
    Stage {
        name: "page tests",
        commands: ["check", "test", "test:page"]
            .map(|script| npm_run(script, "ui"))
            .into(),
    }
}

/// Compiles the C# client as vendors do, with its documentation, and runs its tests under Mono.
fn csharp_client() -> [Command; 4] {
    let built = root().join("target/csharp");
    let mut folder = Command::new("mkdir");
    folder.arg("-p").arg(&built);
    let compile = |what: &str, into: &str| {
        let mut mcs = Command::new("mcs");
        mcs.arg(format!("@{what}.rsp"))
            .arg(format!("-out:{}", built.join(into).display()))
            .current_dir(root().join("src-tauri/clients/csharp"));
        mcs
    };
    let mut library = compile("library", "Cardea.Client.dll");
    let documentation = built.join("Cardea.Client.xml");
    library.arg(format!("-doc:{}", documentation.display()));
    let mut tests = Command::new("mono");
    tests.arg("--debug").arg(built.join("tests.exe"));
    [folder, library, compile("tests", "tests.exe"), tests]
}

/// What the end-to-end tests start: the programs as they are shipped, and the developers'.
fn programs() -> Stage {
    Stage {
        name: "programs",
        commands: vec![
            cargo_with("build -p cardea --bin cardea"),
            cargo_with("build -p cardea-broker"),
            cargo_with("build -p cardea-desktop"),
            cargo_with("build -p cardea --features simulator --bin cardea-dev"),
        ],
    }
}

/// Chosen out of the whole workspace, because cargo then takes the dependencies that the unit tests
/// have built; for `-p end-to-end` it would build half of them again with fewer features.
fn end_to_end_tests() -> Stage {
    Stage {
        name: "end-to-end tests",
        commands: vec![cargo_with(
            "test --workspace --test end-to-end --no-fail-fast",
        )],
    }
}

fn windows() -> Stage {
    let mut commands = vec![
        windows::lints(),
        windows::wine_parts(),
        windows::wine_desktop(),
        windows::unit_tests(),
    ];
    commands.extend(windows::test_programs());
    commands.extend([windows::msi_tables(), windows::test_packages()]);
    commands.push(windows::end_to_end_tests());
    Stage {
        name: "windows",
        commands,
    }
}

fn shipped_package() -> Stage {
    Stage {
        name: "shipped MSI",
        commands: windows::shipped_package().into(),
    }
}

/// The tests named for it, with far more random cases than otherwise.
fn fuzzing() -> Stage {
    let mut fuzz = cargo_with("test --workspace --exclude end-to-end --no-fail-fast fuzz");
    fuzz.env("PROPTEST_CASES", FUZZ_CASES);
    Stage {
        name: "fuzzing",
        commands: vec![fuzz],
    }
}

fn fuzz_targets() -> Stage {
    Stage {
        name: "fuzz targets",
        commands: fuzz::all_for_a_minute(),
    }
}

fn soak() -> Stage {
    Stage {
        name: "soak",
        commands: vec![cargo_with(
            "test --workspace --test end-to-end -- --ignored --nocapture soak",
        )],
    }
}

fn benches() -> Stage {
    let mut desktop = bench::command(Bench::Footprint);
    desktop.args(["--desktop", "--json"]);
    let each = Bench::ALL.into_iter().map(|name| {
        let mut command = bench::command(name);
        command.arg("--json");
        command
    });
    Stage {
        name: "benches",
        commands: bench::builds()
            .into_iter()
            .chain(bench::desktop())
            .chain(each)
            .chain([desktop])
            .collect(),
    }
}

fn cargo_with(arguments: &str) -> Command {
    let mut command = cargo();
    command.args(arguments.split(' '));
    command
}
