//! `cardea apps`.

use cardea_client::session::Scope;
use clap::{Args, Subcommand};

/// `cardea apps`.
#[derive(Debug, Subcommand)]
pub enum AppsCommand {
    /// List the programs that may call, what each may do and when it last did, and who asks to be
    /// let in
    #[command(after_help = "Examples:\n  cardea apps list\n  cardea apps list --json")]
    List(AppsListArguments),
    /// Let a program in and print its token, this once
    #[command(
        after_help = "Examples:\n  cardea apps add dictation --scope session:read\n  cardea apps add gp --name \"GP system\" --scope session:read --scope identity:read --origin https://gp.example"
    )]
    Add(AppsAddArguments),
    /// Let the program in that shows this code
    #[command(after_help = "Example:\n  cardea apps approve \"123 456\"")]
    Approve(AppsApproveArguments),
    /// Do not let the program in that asks
    #[command(after_help = "Example:\n  cardea apps decline")]
    Decline(AppsDeclineArguments),
    /// Show a program out: its token is good for nothing from now on
    #[command(after_help = "Example:\n  cardea apps revoke dictation")]
    Revoke(AppsRevokeArguments),
}

/// `cardea apps list`.
#[derive(Debug, Args)]
pub struct AppsListArguments {
    /// Print both lists as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea apps add`.
#[derive(Debug, Args)]
pub struct AppsAddArguments {
    /// Names the program: letters, digits, - . _
    #[arg(value_name = "ID")]
    pub id: String,
    /// What a person calls it; its id without this
    #[arg(long)]
    pub name: Option<String>,
    /// What it may do: session:read, identity:read, session:control, session:activity,
    /// diagnostics:read; once for each
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<Scope>,
    /// The web origin it calls from, for instance `https://gp.example`; once for each, none for a
    /// program that is no web page
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// Print id and token as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea apps approve`.
#[derive(Debug, Args)]
pub struct AppsApproveArguments {
    /// The six digits that the program shows
    #[arg(value_name = "CODE")]
    pub code: String,
    /// Which request, as listed; needed when several programs ask
    #[arg(long, value_name = "PAIRING", allow_hyphen_values = true)]
    pub pairing: Option<String>,
}

/// `cardea apps decline`.
#[derive(Debug, Args)]
pub struct AppsDeclineArguments {
    /// Which request, as listed; needed when several programs ask
    #[arg(value_name = "PAIRING", allow_hyphen_values = true)]
    pub pairing: Option<String>,
}

/// `cardea apps revoke`.
#[derive(Debug, Args)]
pub struct AppsRevokeArguments {
    /// The program's id, as listed
    #[arg(value_name = "ID")]
    pub id: String,
}
