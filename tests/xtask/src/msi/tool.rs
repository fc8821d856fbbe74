//! Tools that must say nothing: wixl drops what it does not know with a warning only.

use std::error::Error;
use std::process::Command;

/// Runs a tool; its output, which must be on standard output alone.
///
/// # Errors
/// When it cannot be run, fails, or writes to standard error.
pub(super) fn quiet(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !said.trim().is_empty() {
        return Err(format!("{name} ({}): {}", output.status, said.trim()).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_failure() {
        let shell = |script: &str| quiet(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("echo fine").unwrap(), "fine\n");
        let warned = shell("echo no property named Schedule >&2").unwrap_err();
        assert!(warned.to_string().contains("Schedule"), "{warned}");
        assert!(shell("exit 3").is_err());
    }
}
