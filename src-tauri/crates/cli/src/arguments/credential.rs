//! `cardea keys` and `cardea secret`.

use cardea_agent::credential::{KeyScope, USUAL_SCOPE};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

/// `cardea keys`.
#[derive(Debug, Args)]
pub struct KeysArguments {
    /// What is to be done.
    #[command(subcommand)]
    pub command: KeysCommand,
    /// The key by which a broker knows this computer, not the one by which CIS2 knows the client
    #[arg(long, global = true)]
    pub workstation: bool,
}

/// `cardea keys …`.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create a key in the keystore; its public part is to be registered with CIS2
    #[command(
        after_help = "Examples:\n  cardea keys create\n  cardea keys create --user --json\n  cardea keys create --workstation"
    )]
    Create(KeysCreateArguments),
    /// List the keys in the keystore
    #[command(after_help = "Examples:\n  cardea keys list\n  cardea keys list --json")]
    List(KeysListArguments),
    /// Print the public keys as a JWK set
    #[command(
        after_help = "Examples:\n  cardea keys export > jwks.json\n  cardea keys export --workstation"
    )]
    Export(KeystoreArguments),
    /// Have this key sign from now on, once CIS2 knows it
    #[command(after_help = "Example:\n  cardea keys use KID")]
    Use(KeysUseArguments),
    /// Remove a key for good
    #[command(
        after_help = "Examples:\n  cardea keys remove KID\n  cardea keys remove KID --in-use\n\nThe key that signs is removed only with --in-use."
    )]
    Remove(KeysRemoveArguments),
}

/// `cardea keys create`.
#[derive(Debug, Args)]
pub struct KeysCreateArguments {
    /// Whose keystore.
    #[command(flatten)]
    pub keystore: KeystoreArguments,
    /// The size of an RSA key, when it may be no other
    #[arg(long)]
    pub bits: Option<Bits>,
    /// Keep the key where programs of the user can read it; needs cis2.allow_exportable_key where
    /// this computer could hold it safely
    #[arg(long, conflicts_with = "machine")]
    pub exportable: bool,
    /// Print the key, and where it became, as JSON
    #[arg(long)]
    pub json: bool,
}

/// Sizes of RSA keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Bits {
    /// 2048 bits
    #[value(name = "2048")]
    Rsa2048,
    /// 4096 bits
    #[value(name = "4096")]
    Rsa4096,
}

/// `cardea keys use`.
#[derive(Debug, Args)]
pub struct KeysUseArguments {
    /// The key's kid, as listed
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub kid: String,
    /// Whose keystore.
    #[command(flatten)]
    pub keystore: KeystoreArguments,
}

/// `cardea keys remove`.
#[derive(Debug, Args)]
pub struct KeysRemoveArguments {
    /// The key's kid, as listed
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub kid: String,
    /// Whose keystore.
    #[command(flatten)]
    pub keystore: KeystoreArguments,
    /// Also when it is the key that signs: the oldest other one signs then, or none
    #[arg(long)]
    pub in_use: bool,
}

/// `cardea keys list`.
#[derive(Debug, Args)]
pub struct KeysListArguments {
    /// Whose keystore.
    #[command(flatten)]
    pub keystore: KeystoreArguments,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// `cardea secret`.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Store the client secret, read from a prompt or standard input, in the keystore
    #[command(
        after_help = "Examples:\n  cardea secret set --user\n  cardea secret set --user < secret.txt"
    )]
    Set(KeystoreArguments),
    /// Remove the client secret from the keystore
    #[command(after_help = "Example:\n  cardea secret remove --user")]
    Remove(KeystoreArguments),
}

/// Whose keystore.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("keystore").multiple(false))]
pub struct KeystoreArguments {
    /// The computer's keystore: an administrator writes, the interactive users use it
    #[arg(long, group = "keystore")]
    pub machine: bool,
    /// This user's keystore
    #[arg(long, group = "keystore")]
    pub user: bool,
}

impl KeystoreArguments {
    /// Whose, also when it was not said.
    pub fn scope(&self) -> KeyScope {
        match (self.machine, self.user) {
            (true, _) => KeyScope::Machine,
            (false, true) => KeyScope::User,
            (false, false) => USUAL_SCOPE,
        }
    }
}
