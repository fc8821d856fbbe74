//! Linux: a dialog of GTK.

use std::io;

use gtk::prelude::*;
use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, Window};

use super::Answer;

pub(super) fn show(text: &str, is_question: bool) -> io::Result<Answer> {
    gtk::init().map_err(io::Error::other)?;
    let buttons = match is_question {
        true => ButtonsType::YesNo,
        false => ButtonsType::Ok,
    };
    let dialog = MessageDialog::new(
        None::<&Window>,
        DialogFlags::empty(),
        MessageType::Warning,
        buttons,
        text,
    );
    dialog.set_title("Cardea");
    let answer = dialog.run();
    dialog.close();
    let is_yes = matches!(answer, ResponseType::Yes | ResponseType::Ok);
    Ok(if is_yes { Answer::Yes } else { Answer::No })
}
