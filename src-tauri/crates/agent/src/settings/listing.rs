//! Settings and what is wrong with them, as text.

use std::io::{self, Write};

use super::{Loaded, Row};

/// Writes a line a setting: what it is, and where that comes from.
///
/// # Errors
/// When it cannot be written.
pub fn write_rows(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    let width = |text: fn(&Row) -> &str| {
        let lengths = rows.iter().map(|row| text(row).chars().count());
        lengths.max().unwrap_or_default().min(48)
    };
    let (key_width, value_width) = (width(|row| &row.key), width(|row| &row.value));
    for Row { key, value, origin } in rows {
        writeln!(out, "{key:<key_width$}  {value:<value_width$}  {origin}")?;
    }
    Ok(())
}

/// Writes everything that is wrong, or that nothing is.
///
/// # Errors
/// When it cannot be written.
pub fn write_findings(loaded: &Loaded, out: &mut dyn Write) -> io::Result<()> {
    for error in &loaded.errors {
        writeln!(out, "error: {error}")?;
    }
    for warning in &loaded.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    if loaded.errors.is_empty() {
        match loaded.failure() {
            None => writeln!(out, "The settings can be used.")?,
            Some(_) => writeln!(out, "error: [cis2] client_id is not set")?,
        }
    }
    Ok(())
}
