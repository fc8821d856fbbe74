//! Windows: a message box.

use std::io;

use cardea_win32::{Buttons, message_box};

use super::Answer;

pub(super) fn show(text: &str, is_question: bool) -> io::Result<Answer> {
    let buttons = match is_question {
        true => Buttons::YesNo,
        false => Buttons::Ok,
    };
    let is_yes = message_box("Cardea", text, buttons)?;
    Ok(if is_yes { Answer::Yes } else { Answer::No })
}
