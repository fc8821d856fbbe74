//! How often what was taken out.

/// What is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A folder of the user's.
    Folder,
    /// The user's account name.
    User,
    /// The user's security identifier.
    Sid,
    /// The computer's name.
    Computer,
    /// User name and password in an address.
    Credentials,
    /// What follows the path of an address.
    Query,
    /// The security identifier of somebody else.
    OtherSid,
    /// A token with claims (RFC 7519).
    Jwt,
    /// A key or certificate in the form of RFC 7468.
    Pem,
    /// What looks like a program's token: 43 characters of base64url.
    Token,
    /// An NHS number.
    NhsNumber,
    /// What looks like a user id of CIS2: 12 digits.
    UserId,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Folder,
        Self::User,
        Self::Sid,
        Self::Computer,
        Self::Credentials,
        Self::Query,
        Self::OtherSid,
        Self::Jwt,
        Self::Pem,
        Self::Token,
        Self::NhsNumber,
        Self::UserId,
    ];

    /// In the index.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Folder => "folders of the user",
            Self::User => "account name",
            Self::Sid => "security identifier of the user",
            Self::Computer => "computer name",
            Self::Credentials => "credentials in addresses",
            Self::Query => "query strings of addresses",
            Self::OtherSid => "security identifiers of others",
            Self::Jwt => "JSON Web Tokens",
            Self::Pem => "PEM blocks",
            Self::Token => "words like a program's token or a key's name",
            Self::NhsNumber => "NHS numbers",
            Self::UserId => "12-digit user ids",
        }
    }

    /// Whether it should never have been there.
    #[must_use]
    pub fn is_in_second_net(self) -> bool {
        match self {
            Self::Folder
            | Self::User
            | Self::Sid
            | Self::Computer
            | Self::Credentials
            | Self::Query
            | Self::OtherSid => false,
            Self::Jwt | Self::Pem | Self::Token | Self::NhsNumber | Self::UserId => true,
        }
    }
}

/// How often each kind was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced([u64; Kind::ALL.len()]);

impl Replaced {
    /// How often this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// How often something that should never have been there.
    #[must_use]
    pub fn in_second_net(&self) -> u64 {
        let second = Kind::ALL.into_iter().filter(|kind| kind.is_in_second_net());
        second.map(|kind| self.of(kind)).sum()
    }

    pub(super) fn count(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    /// Both together.
    pub(in crate::bundle) fn add(&mut self, other: &Self) {
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            *mine += other;
        }
    }
}
