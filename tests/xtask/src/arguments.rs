//! What was asked for on the command line.

use crate::msi::Options;

/// How to call this program.
pub const USAGE: &str = "\
Usage: cargo xtask <COMMAND>

  test [--quick | --long]           every check and test; the last line sums up the tests
                                    --quick: formatting, lints and unit tests
                                    --long: fuzzing, the soak test and the benches too
  demo [--script [--break WHAT]]    the main job with a simulated card and a simulated CIS2
                                    --script: by itself, from insertion to removal
                                    --break signature|nonce|removal: the script must then fail
  windows                           builds cardea.exe for Windows, as it is shipped
  msi [OPTION...]                   builds the MSI; not signed unless told how:
                                    --pfx FILE, or --pkcs11 URI --certificates FILE --pkcs11-module FILE
                                    --password-file FILE, --time-stamp ADDRESS, --trust FILE
                                    --without-desktop: the agent alone
  fuzz <TARGET> [ARGUMENT...]       one fuzz target, until it finds something; arguments are libFuzzer's
  bench <NAME> [--json] [--peer]    removal, fanout, poll or footprint, on release programs
                                    removal --wine: of the program for Windows, under Wine

Example: cargo xtask demo";

/// One of this program's commands.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Show how to call this program.
    Help,
    /// Run checks and tests.
    Test(Extent),
    /// Run the demonstration, with arguments that are its own.
    Demo(Vec<String>),
    /// Build for Windows.
    Windows,
    /// Build the MSI.
    Msi(Options),
    /// Run one fuzz target.
    Fuzz {
        /// Which one.
        target: String,
        /// The fuzzer's own arguments.
        arguments: Vec<String>,
    },
    /// Run one bench, with arguments that are its own.
    Bench {
        /// Which one.
        name: Bench,
        /// The bench's own arguments.
        arguments: Vec<String>,
    },
}

/// How much to test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What one wants to know while working.
    Quick,
    /// Everything that must hold for a change.
    Full,
    /// Everything, with fuzzing, the soak test and the benches.
    Long,
}

/// The benches there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// From the removal of a card to the first byte at a program.
    Removal,
    /// From the removal of a card to the last of a thousand programs.
    Fanout,
    /// What polls of the session take, and how many the agent answers.
    Poll,
    /// Memory, threads, wake-ups, start and size.
    Footprint,
}

impl Bench {
    /// All of them, in the order in which they run.
    pub const ALL: [Self; 4] = [Self::Removal, Self::Fanout, Self::Poll, Self::Footprint];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Removal => "removal",
            Self::Fanout => "fanout",
            Self::Poll => "poll",
            Self::Footprint => "footprint",
        }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
///
/// Says what is wrong with them.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let Some(command) = arguments.next() else {
        return Err("no command given".into());
    };
    match command.as_str() {
        "test" => Ok(Command::Test(extent(arguments)?)),
        "demo" => Ok(Command::Demo(arguments.collect())),
        "bench" => {
            let name = bench(arguments.next())?;
            Ok(Command::Bench {
                name,
                arguments: arguments.collect(),
            })
        }
        "fuzz" => Ok(Command::Fuzz {
            target: arguments.next().ok_or("which target?")?,
            arguments: arguments.collect(),
        }),
        "windows" => match arguments.next() {
            None => Ok(Command::Windows),
            Some(other) => Err(format!("unknown argument of windows: {other}")),
        },
        "msi" => Ok(Command::Msi(Options::parse(arguments)?)),
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => Err(format!("unknown command: {other}")),
    }
}

fn extent(mut arguments: impl Iterator<Item = String>) -> Result<Extent, String> {
    let extent = match arguments.next().as_deref() {
        None => Extent::Full,
        Some("--quick") => Extent::Quick,
        Some("--long") => Extent::Long,
        Some(other) => return Err(format!("unknown argument of test: {other}")),
    };
    match arguments.next() {
        None => Ok(extent),
        Some(other) => Err(format!("one argument too many: {other}")),
    }
}

fn bench(name: Option<String>) -> Result<Bench, String> {
    let name = name.ok_or("which bench?")?;
    Bench::ALL
        .into_iter()
        .find(|bench| bench.name() == name)
        .ok_or_else(|| format!("unknown bench: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn a_test_run_is_full_unless_said_otherwise() {
        assert_eq!(parsed("test"), Ok(Command::Test(Extent::Full)));
        assert_eq!(parsed("test --quick"), Ok(Command::Test(Extent::Quick)));
        assert_eq!(parsed("test --long"), Ok(Command::Test(Extent::Long)));
    }

    #[test]
    fn the_demo_a_bench_and_a_fuzz_target_keep_their_own_arguments() {
        assert_eq!(
            parsed("demo --script --break nonce"),
            Ok(Command::Demo(vec![
                "--script".into(),
                "--break".into(),
                "nonce".into()
            ]))
        );
        assert_eq!(
            parsed("bench removal --json"),
            Ok(Command::Bench {
                name: Bench::Removal,
                arguments: vec!["--json".into()]
            })
        );
        assert_eq!(
            parsed("fuzz settings -runs=1"),
            Ok(Command::Fuzz {
                target: "settings".into(),
                arguments: vec!["-runs=1".into()]
            })
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "",
            "tests",
            "test --fast",
            "test --quick --long",
            "bench",
            "bench speed",
            "fuzz",
            "windows 11",
        ] {
            assert!(parsed(line).is_err(), "{line:?}");
        }
    }
}
