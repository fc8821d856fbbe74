//! `cardea reset`: takes away what Cardea keeps for this user.

use std::io::{self, Write};

use cardea_agent::credential::SystemKeystore;
use cardea_agent::paths::UserPaths;
use cardea_agent::reset::{Reset, reset};

use crate::failure::CommandError;
use crate::output::one_line;

pub(super) async fn run(out: &mut dyn Write) -> Result<(), CommandError> {
    let paths = UserPaths::from_environment()?;
    let keystore = SystemKeystore::new()?;
    let done = reset(&paths, &keystore).await?;
    write(&done, out)?;
    let others = done.failed.len().saturating_sub(1);
    match done.failed.into_iter().next() {
        Some(first) => Err(CommandError::NotReset { first, others }),
        None => Ok(()),
    }
}

/// A line for each thing, whatever became of it.
fn write(done: &Reset, out: &mut dyn Write) -> io::Result<()> {
    for kept in &done.removed {
        writeln!(out, "removed {}", one_line(&kept.to_string()))?;
    }
    for path in &done.stays {
        let path = path.display().to_string();
        writeln!(out, "stays, not Cardea's: {}", one_line(&path))?;
    }
    for failed in &done.failed {
        writeln!(out, "not removed: {}", one_line(&failed.to_string()))?;
    }
    if done.removed.is_empty() && done.failed.is_empty() {
        writeln!(out, "nothing to remove")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cardea_agent::reset::{Kept, NotRemoved, Obstacle};

    use super::*;

    fn written(done: &Reset) -> String {
        let mut out = Vec::new();
        write(done, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_thing_has_its_line() {
        let done = Reset {
            removed: vec![Kept::ClientSecret, Kept::File("/s/audit.jsonl".into())],
            stays: vec!["/s/a\nb".into()],
            failed: vec![NotRemoved {
                what: Kept::Folder("/s".into()),
                why: Obstacle::System(io::ErrorKind::PermissionDenied.into()),
            }],
        };
        assert_eq!(
            written(&done),
            "removed the client secret\n\
             removed /s/audit.jsonl\n\
             stays, not Cardea's: /s/a\u{fffd}b\n\
             not removed: /s: permission denied\n"
        );
    }

    #[test]
    fn nothing_to_remove_is_said() {
        assert_eq!(written(&Reset::default()), "nothing to remove\n");
    }
}
