//! `cardea apps list` as text.

use std::io::{self, Write};

use cardea_client::AppListing;

use crate::output::one_line;

/// Writes a table with aligned columns.
pub(crate) fn write(listings: &[AppListing], out: &mut dyn Write) -> io::Result<()> {
    if listings.is_empty() {
        return writeln!(out, "No program may call the local API.");
    }
    let heading = ["ID", "NAME", "SCOPES", "ORIGINS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heading)
        .chain(listings.iter().map(row))
        .collect();
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let [id_width, name_width, scopes_width] = [0, 1, 2].map(width);
    for [id, name, scopes, origins] in &rows {
        let line =
            format!("{id:<id_width$}  {name:<name_width$}  {scopes:<scopes_width$}  {origins}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn row(listing: &AppListing) -> [String; 4] {
    let scopes: Vec<_> = listing.scopes.iter().map(|scope| scope.as_str()).collect();
    [
        one_line(&listing.id),
        one_line(&listing.name),
        scopes.join(","),
        one_line(&listing.origins.join(",")),
    ]
}

#[cfg(test)]
mod tests {
    use cardea_client::session::Scope;

    use super::*;

    fn written(listings: &[AppListing]) -> String {
        let mut out = Vec::new();
        write(listings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn programs_are_listed_in_columns() {
        let listing = |id: &str, name: &str, origins: &[&str]| AppListing {
            id: id.to_owned(),
            name: name.to_owned(),
            scopes: [Scope::SessionRead, Scope::IdentityRead]
                .into_iter()
                .collect(),
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            source: None,
        };
        let listings = [
            listing("gp", "GP system", &["https://gp.example"]),
            listing("dictation", "Wörter", &[]),
        ];
        assert_eq!(
            written(&listings),
            "ID         NAME       SCOPES                      ORIGINS\n\
             gp         GP system  session:read,identity:read  https://gp.example\n\
             dictation  Wörter     session:read,identity:read\n"
        );
        assert_eq!(written(&[]), "No program may call the local API.\n");
    }
}
