//! Windows: a message box.

use std::io;

use cardea_win32::{Buttons, message_box};

use super::{Answer, Message};

pub(super) fn show(message: Message) -> io::Result<Answer> {
    let buttons = match message.is_question() {
        true => Buttons::YesNo,
        false => Buttons::Ok,
    };
    let is_yes = message_box("Cardea", message.text(), buttons)?;
    Ok(if is_yes { Answer::Yes } else { Answer::No })
}
