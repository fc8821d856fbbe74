//! `cardea apps list` as text.

use std::io::{self, Write};

use cardea_client::session::{ScopeSet, Time};
use cardea_client::{AppListing, PairingListing};

use crate::output::one_line;

/// Writes the programs in aligned columns, then those that ask to be let in.
pub(crate) fn write(
    listings: &[AppListing],
    asking: &[PairingListing],
    out: &mut dyn Write,
) -> io::Result<()> {
    if listings.is_empty() {
        writeln!(out, "No program may call the local API.")?;
    } else {
        table(listings, out)?;
    }
    if !asking.is_empty() {
        writeln!(out, "\nAsking to be let in:")?;
    }
    for pairing in asking {
        let left = pairing.seconds_left;
        writeln!(
            out,
            "  {}  {}, {left} s left",
            pairing.id,
            in_words(pairing)
        )?;
    }
    Ok(())
}

/// Who asks, what for, and last what it says it is called.
pub(crate) fn in_words(pairing: &PairingListing) -> String {
    let from = &pairing.from;
    let who = match (&from.origin, &from.program, &from.signer) {
        (Some(origin), ..) => format!("the web page {origin}"),
        (None, Some(program), Some(signer)) => format!("{program} (signed by {signer})"),
        (None, Some(program), None) => program.clone(),
        (None, None, _) => "a program that cannot be told".to_owned(),
    };
    let (name, scopes) = (&pairing.name, scopes(&pairing.scopes));
    one_line(&format!("{who}, for {scopes}; it calls itself \"{name}\""))
}

fn table(listings: &[AppListing], out: &mut dyn Write) -> io::Result<()> {
    let heading = ["ID", "NAME", "FROM", "LAST CALLED", "SCOPES", "ORIGINS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heading)
        .chain(listings.iter().map(row))
        .collect();
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    for row in &rows {
        let mut line = String::new();
        for (text, width) in row.iter().zip(widths) {
            line.push_str(&format!("{text:<width$}  "));
        }
        line.push_str(&row[5]);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn row(listing: &AppListing) -> [String; 6] {
    let last_used = listing.last_used_at.as_ref().map(Time::to_string);
    [
        one_line(&listing.id),
        one_line(&listing.name),
        one_line(listing.source.as_deref().unwrap_or("-")),
        last_used.unwrap_or_else(|| "never".to_owned()),
        scopes(&listing.scopes),
        one_line(&listing.origins.join(",")),
    ]
}

fn scopes(scopes: &ScopeSet) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use cardea_client::Applicant;
    use cardea_client::session::Scope;

    use super::*;

    fn written(listings: &[AppListing], asking: &[PairingListing]) -> String {
        let mut out = Vec::new();
        write(listings, asking, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn programs_are_listed_in_columns_and_then_those_that_ask() {
        let listing = |id: &str, name: &str, origins: &[&str], used: Option<i64>| AppListing {
            id: id.to_owned(),
            name: name.to_owned(),
            scopes: [Scope::SessionRead].into_iter().collect(),
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            source: Some("policy".to_owned()),
            program: None,
            added_at: None,
            last_used_at: used.map(|seconds| Time::from_unix(seconds).unwrap()),
        };
        let listings = [
            listing(
                "gp",
                "GP system",
                &["https://gp.example"],
                Some(1_760_000_000),
            ),
            listing("dictation", "Wörter", &[], None),
        ];
        let pairing = PairingListing {
            id: "abc".to_owned(),
            name: "Page".to_owned(),
            scopes: [Scope::SessionRead].into_iter().collect(),
            from: Applicant {
                origin: Some("https://new.example".to_owned()),
                ..Applicant::default()
            },
            seconds_left: 90,
        };
        assert_eq!(
            written(&listings, &[pairing]),
            "ID         NAME       FROM    LAST CALLED               SCOPES        ORIGINS\n\
             gp         GP system  policy  2025-10-09T08:53:20.000Z  session:read  https://gp.example\n\
             dictation  Wörter     policy  never                     session:read\n\n\
             Asking to be let in:\n  abc  the web page https://new.example, for session:read; it \
             calls itself \"Page\", 90 s left\n"
        );
        assert_eq!(written(&[], &[]), "No program may call the local API.\n");
    }

    #[test]
    fn who_asks_comes_before_what_it_says() {
        let pairing = |from| PairingListing {
            id: "abc".to_owned(),
            name: "Cardea".to_owned(),
            scopes: [Scope::SessionRead].into_iter().collect(),
            from,
            seconds_left: 90,
        };
        let program = Applicant {
            program: Some("/opt/x".to_owned()),
            signer: Some("X Ltd".to_owned()),
            ..Applicant::default()
        };
        let words = in_words(&pairing(program));
        assert!(
            words.starts_with("/opt/x (signed by X Ltd), for session:read;"),
            "{words}"
        );
        let nobody = in_words(&pairing(Applicant::default()));
        assert!(
            nobody.starts_with("a program that cannot be told"),
            "{nobody}"
        );
    }
}
