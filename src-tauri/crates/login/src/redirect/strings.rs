//! The texts of the pages that the browser shows, in English and Welsh.

use super::Outcome;

/// The language of the result page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Welsh.
    Welsh,
}

/// A page: a heading and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) heading: &'static str,
    pub(super) advice: &'static str,
    /// Stands before the failure's code.
    pub(super) code_label: &'static str,
}

impl Language {
    /// As in the page's `lang`.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Welsh => "cy",
        }
    }

    /// The page for an outcome; none while there is no outcome yet.
    pub(super) fn texts(self, outcome: Option<Outcome>) -> Texts {
        let (heading, advice) = match (self, outcome) {
            (Self::English, Some(Outcome::SignedIn)) => (
                "You are signed in",
                "You can close this tab. Taking your card out signs you out of the programs connected to Cardea, not of other browser tabs.",
            ),
            (Self::Welsh, Some(Outcome::SignedIn)) => (
                "Rydych wedi mewngofnodi",
                "Gallwch gau'r tab hwn. Bydd tynnu'ch cerdyn allan yn eich allgofnodi o'r rhaglenni sydd wedi'u cysylltu â Cardea, nid o dabiau eraill y porwr.",
            ),
            (Self::English, Some(Outcome::NotSignedIn(_))) => (
                "You are not signed in",
                "You can close this tab. Cardea says what happened and what to do.",
            ),
            (Self::Welsh, Some(Outcome::NotSignedIn(_))) => (
                "Nid ydych wedi mewngofnodi",
                "Gallwch gau'r tab hwn. Bydd Cardea yn dweud beth ddigwyddodd a beth i'w wneud.",
            ),
            (Self::English, None) => (
                "Signing in is taking longer than usual",
                "You can close this tab. Cardea shows when you are signed in.",
            ),
            (Self::Welsh, None) => (
                "Mae mewngofnodi'n cymryd mwy o amser nag arfer",
                "Gallwch gau'r tab hwn. Bydd Cardea yn dangos pan fyddwch wedi mewngofnodi.",
            ),
        };
        Texts {
            heading,
            advice,
            code_label: match self {
                Self::English => "Code for the help desk:",
                Self::Welsh => "Cod ar gyfer y ddesg gymorth:",
            },
        }
    }

    /// The page for a request that does not belong to the login.
    pub(super) fn stray(self) -> Texts {
        let (heading, advice) = match self {
            Self::English => (
                "This address is not part of signing in",
                "Go back to the tab where you were signing in, or start again in Cardea.",
            ),
            Self::Welsh => (
                "Nid yw'r cyfeiriad hwn yn rhan o fewngofnodi",
                "Ewch yn ôl i'r tab lle'r oeddech yn mewngofnodi, neu dechreuwch eto yn Cardea.",
            ),
        };
        Texts {
            heading,
            advice,
            code_label: "",
        }
    }
}
