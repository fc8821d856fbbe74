//! Running tools: those that must say nothing, as wixl drops what it does not know with a warning only,
//! and those that talk.

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

/// Runs a tool that talks on standard error too; all that it said.
///
/// # Errors
/// When it cannot be run, or fails: what it said.
pub(super) fn talking(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    match output.status.success() {
        true => Ok(said),
        false => Err(format!("{name}: {}", said.trim()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_talking_tool_said_is_told_also_when_it_fails() {
        let shell = |script: &str| talking(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("echo one; echo two >&2").unwrap(), "one\ntwo\n");
        let failed = shell("echo why >&2; exit 3").unwrap_err();
        assert_eq!(failed.to_string(), "sh: why");
        assert!(talking(&mut Command::new("/nowhere/tool")).is_err());
    }

    #[test]
    fn a_warning_is_a_failure() {
        let shell = |script: &str| quiet(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("echo fine").unwrap(), "fine\n");
        let warned = shell("echo no property named Schedule >&2").unwrap_err();
        assert!(warned.to_string().contains("Schedule"), "{warned}");
        assert!(shell("exit 3").is_err());
    }
}
