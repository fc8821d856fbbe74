//! What can be typed: every command, option and example in one place.

mod apps;
mod credential;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

pub use apps::{
    AppsAddArguments, AppsApproveArguments, AppsCommand, AppsDeclineArguments, AppsListArguments,
    AppsRevokeArguments,
};
pub use credential::{
    Bits, KeysArguments, KeysCommand, KeysCreateArguments, KeysListArguments, KeysRemoveArguments,
    KeysUseArguments, KeystoreArguments, SecretCommand,
};

/// Sign in once with a smartcard; every clinical program on this computer knows.
#[derive(Debug, Parser)]
#[command(name = "cardea", version = env!("CARDEA_VERSION"), after_help = "Example:\n  cardea status")]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the agent in the foreground until Ctrl-C
    #[command(after_help = "Examples:\n  cardea run\n  cardea run --config settings.toml")]
    Run(RunArguments),
    /// The simulated reader and CIS2, the agent, and a connected program, with nothing else needed
    #[cfg(feature = "simulator")]
    #[command(after_help = "Examples:\n  cardea demo\n  cardea demo --script")]
    Demo(crate::demo::DemoArguments),
    /// A sample clinical program: a web page that shows who is signed in, and locks
    #[cfg(feature = "simulator")]
    #[command(after_help = "Example:\n  cardea sample --token-file sample-token")]
    Sample(crate::sample::SampleArguments),
    /// Show who is signed in, the readers and cards, what ends the session, and what is wrong
    #[command(after_help = STATUS_HELP)]
    Status(StatusArguments),
    /// End every user's agent and desktop, in order: for the installer, as the operating system
    #[cfg(windows)]
    #[command(after_help = "Example:\n  cardea stop-sessions")]
    StopSessions(StopSessionsArguments),
    /// Start again what stop-sessions has ended: for the installer, as the operating system
    #[cfg(windows)]
    #[command(after_help = "Example:\n  cardea start-sessions --everyone")]
    StartSessions(StartSessionsArguments),
    /// What the two above, and status --all-sessions, have done in one session
    #[cfg(windows)]
    #[command(hide = true, after_help = "Example:\n  cardea errand status")]
    Errand(ErrandArguments),
    /// Print a line for every change until Ctrl-C
    #[command(after_help = "Examples:\n  cardea watch\n  cardea watch --json")]
    Watch(WatchArguments),
    /// Wait until somebody is, or nobody is, signed in
    #[command(
        after_help = "Example:\n  cardea wait --for ended --timeout 30s\n\nExits with 3 when the time is over first."
    )]
    Wait(WaitArguments),
    /// Sign in, and follow it until it succeeds or fails
    #[command(
        after_help = "Examples:\n  cardea login\n  cardea login --change-role\n\nCtrl-C leaves the sign-in running; \"cardea cancel\" ends it."
    )]
    Login(LoginArguments),
    /// Give up the sign-in under way
    #[command(after_help = "Example:\n  cardea cancel")]
    Cancel,
    /// Sign out
    #[command(after_help = "Example:\n  cardea logout")]
    Logout,
    /// Check everything that can be wrong on this computer, and say what to do
    #[command(
        after_help = "Examples:\n  cardea doctor\n  cardea doctor --cis2 --json\n\nExits with 1 when a check fails. Nothing is changed."
    )]
    Doctor(DoctorArguments),
    /// Write a zip for the help desk, with nothing personal or secret in it
    #[command(
        after_help = "Examples:\n  cardea support-bundle\n  cardea support-bundle for-the-help-desk.zip\n\nThe name must be new: nothing is written over."
    )]
    SupportBundle(SupportBundleArguments),
    /// Programs on this computer that may call the local API
    #[command(after_help = "Example:\n  cardea apps list", subcommand)]
    Apps(AppsCommand),
    /// The settings: what holds and where it comes from
    #[command(after_help = "Example:\n  cardea config show", subcommand)]
    Config(ConfigCommand),
    /// The keys that this computer signs in to CIS2 with
    #[command(after_help = "Example:\n  cardea keys list")]
    Keys(KeysArguments),
    /// The client secret that this computer signs in to CIS2 with
    #[command(
        after_help = "Example:\n  cardea secret set --user < secret.txt",
        subcommand
    )]
    Secret(SecretCommand),
    /// Remove what Cardea keeps for this user: programs, audit, logs, settings, keys and secret
    #[command(
        after_help = "Example:\n  cardea reset --user\n\nNothing of the computer's is removed, and nothing while the agent runs."
    )]
    Reset(ResetArguments),
}

/// `cardea reset`.
#[derive(Debug, Args)]
pub struct ResetArguments {
    /// What is this user's; there is no other reset, and none by accident
    #[arg(long, required = true)]
    pub user: bool,
}

#[cfg(windows)]
const STATUS_HELP: &str = "Examples:\n  cardea status\n  cardea status --json\n  \
    cardea status --all-sessions\n\nWith --all-sessions it exits with 0 when nobody is signed in, with 4 when \
    somebody is,\nand with 1 when it cannot tell; run it as SYSTEM.";
#[cfg(not(windows))]
const STATUS_HELP: &str = "Examples:\n  cardea status\n  cardea status --json";

/// `cardea stop-sessions`.
#[cfg(windows)]
#[derive(Debug, Args)]
pub struct StopSessionsArguments {
    /// Note what ran where, for start-sessions
    #[arg(long)]
    pub remember: bool,
}

/// `cardea start-sessions`.
#[cfg(windows)]
#[derive(Debug, Args)]
pub struct StartSessionsArguments {
    /// Also start the desktop in every other session in which somebody is logged on
    #[arg(long)]
    pub everyone: bool,
}

/// `cardea errand`.
#[cfg(windows)]
#[derive(Debug, Args)]
pub struct ErrandArguments {
    /// What is to be done in this session
    pub errand: Errand,
}

/// What is to be done in one session.
#[cfg(windows)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Errand {
    /// Have the agent end
    Stop,
    /// Exit with 4 when somebody is signed in
    Status,
}

/// `cardea status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Say of every session of this computer whether somebody is signed in, and nothing else
    #[cfg(windows)]
    #[arg(long)]
    pub all_sessions: bool,
    /// Print the snapshot as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea watch`.
#[derive(Debug, Args)]
pub struct WatchArguments {
    /// Print each event, and each change of what a program may show, as a line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea wait`.
#[derive(Debug, Args)]
pub struct WaitArguments {
    /// What to wait for
    #[arg(long = "for", value_name = "STATE")]
    pub goal: Goal,
    /// How long to wait, for instance 500ms, 30s, 5m or 2h; without it, for ever
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// What `cardea wait` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// Nobody is signed in, or nobody can know
    Ended,
    /// Somebody is signed in
    Active,
}

/// `cardea login`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mode").multiple(false))]
pub struct LoginArguments {
    /// Choose another role; the session goes on
    #[arg(long, group = "mode")]
    pub change_role: bool,
    /// Prove again who is signed in; the session goes on
    #[arg(long, group = "mode")]
    pub reauthenticate: bool,
}

/// `cardea doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Also compare what CIS2 says about itself with the settings
    #[arg(long)]
    pub cis2: bool,
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
    /// Print each step as a line of JSON as it happens, as POST /v1/doctor tells it
    #[arg(long, conflicts_with = "json")]
    pub json_lines: bool,
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `cardea support-bundle`.
#[derive(Debug, Args)]
pub struct SupportBundleArguments {
    /// The file to write; without it, cardea-support- with the time, in this folder
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `cardea run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `cardea config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// List the effective settings, each with its value and where it comes from
    #[command(after_help = "Examples:\n  cardea config show\n  cardea config show --json")]
    Show(ConfigShowArguments),
    /// Check the settings; name each that is wrong and what is allowed
    #[command(after_help = "Example:\n  cardea config check --config new.toml")]
    Check(ConfigCheckArguments),
    /// Set one of the settings that are the user's own (table desktop), in the user's own file
    #[command(
        after_help = "Examples:\n  cardea config set desktop.show_name true\n  cardea config set desktop.notifications '[\"signed_out\", \"expiring\"]'\n\nWhat IT has set is refused. A running agent takes it at once."
    )]
    Set(ConfigSetArguments),
}

/// `cardea config show`.
#[derive(Debug, Args)]
pub struct ConfigShowArguments {
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea config check`.
#[derive(Debug, Args)]
pub struct ConfigCheckArguments {
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `cardea config set`.
#[derive(Debug, Args)]
pub struct ConfigSetArguments {
    /// Which, for instance desktop.language
    pub key: String,
    /// The value as TOML; a word that is none is taken for a text
    pub value: String,
    /// Read the settings from this file instead of the usual one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the settings as they are then, as "config show --json" does
    #[arg(long)]
    pub json: bool,
}

/// Reads a whole number with `ms`, `s`, `m` or `h`.
fn duration(text: &str) -> Result<Duration, String> {
    let unit = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let milliseconds: u64 = match &text[unit..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("write a number and ms, s, m or h, for instance 30s".to_owned()),
    };
    text[..unit]
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(milliseconds))
        .map(Duration::from_millis)
        .ok_or_else(|| "write a number and ms, s, m or h, for instance 30s".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        let path = format!("{path} {}", command.get_name());
        let help = command.clone().render_long_help().to_string();
        if !command.has_subcommands() {
            found.push((path.trim_start().to_owned(), help));
            return;
        }
        for subcommand in command.get_subcommands() {
            leaves(subcommand, &path, found);
        }
    }

    #[test]
    fn the_definitions_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_of_itself_and_every_listing_json() {
        let mut found = Vec::new();
        leaves(&Arguments::command(), "", &mut found);
        assert!(found.len() >= 7);
        for (path, help) in found {
            assert!(help.contains(&format!("\n  {path}")), "{path}: {help}");
            if path.ends_with("list") || path.ends_with("show") || path == "cardea status" {
                assert!(help.contains("--json"), "{path}");
            }
        }
    }

    #[test]
    fn commands_are_read_as_the_contract_writes_them() {
        let wait = "cardea wait --for ended --timeout 30s".split(' ');
        let Command::Wait(wait) = Arguments::try_parse_from(wait).unwrap().command else {
            panic!("not wait")
        };
        assert_eq!(wait.goal, Goal::Ended);
        assert_eq!(wait.timeout, Some(Duration::from_secs(30)));
        for line in [
            "cardea status --json",
            "cardea watch",
            "cardea wait --for active",
            "cardea login --reauthenticate",
            "cardea cancel",
            "cardea logout",
            "cardea doctor --cis2 --json",
            "cardea support-bundle for-the-help-desk.zip",
            "cardea apps list --json",
            "cardea apps add gp --scope session:read --scope identity:read --origin https://gp.example",
            "cardea apps approve 123456",
            "cardea apps approve 123456 --pairing abc",
            "cardea apps decline",
            "cardea apps revoke gp",
            "cardea keys create --bits 2048 --machine --json",
            "cardea keys create --user --exportable",
            "cardea keys remove kid --user",
            "cardea keys create --workstation --user",
            "cardea keys export --workstation",
            "cardea keys remove kid --in-use",
            "cardea keys use kid --machine",
            "cardea secret remove --user",
            "cardea reset --user",
            "cardea config set desktop.show_name true --json --config new.toml",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }

    #[test]
    fn an_id_of_random_letters_may_begin_with_a_hyphen() {
        let parse = |line: &str| Arguments::try_parse_from(line.split(' ')).unwrap().command;
        for kid in ["-hV3x_q", "--x9-k", "-x"] {
            let Command::Keys(keys) = parse(&format!("cardea keys remove {kid} --user")) else {
                panic!("not keys")
            };
            let KeysCommand::Remove(remove) = keys.command else {
                panic!("not remove")
            };
            assert!(remove.kid == kid && remove.keystore.user);
            let Command::Apps(apps) = parse(&format!("cardea apps decline {kid}")) else {
                panic!("not apps")
            };
            let AppsCommand::Decline(decline) = apps else {
                panic!("not decline")
            };
            assert_eq!(decline.pairing.as_deref(), Some(kid));
            parse(&format!("cardea apps approve 123456 --pairing {kid}"));
            parse(&format!("cardea keys use {kid} --machine"));
        }
    }

    #[test]
    fn wrong_usage_exits_with_two() {
        for line in [
            "cardea",
            "cardea sing",
            "cardea wait",
            "cardea wait --for lunch",
            "cardea wait --for ended --timeout soon",
            "cardea login --change-role --reauthenticate",
            "cardea keys create --bits 1024",
            "cardea keys create --machine --exportable",
            "cardea keys list --machine --user",
            "cardea keys remove",
            "cardea apps add gp",
            "cardea apps add gp --scope everything",
            "cardea apps approve",
            "cardea apps revoke",
            "cardea keys use",
            "cardea secret set the-secret-itself",
            "cardea reset",
            "cardea reset --machine",
            "cardea config set desktop.show_name",
        ] {
            let error = Arguments::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn times_have_a_number_and_a_unit() {
        assert_eq!(duration("1500ms"), Ok(Duration::from_millis(1_500)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        for wrong in [
            "",
            "s",
            "30",
            "-1s",
            "1.5s",
            "30 s",
            "99999999999999999999h",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
