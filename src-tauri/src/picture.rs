//! The pictures of the tray, drawn in `icons/tray`, in the program.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use cardea_desktop_model::Icon;

/// What the panel looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(test, windows)),
    expect(dead_code, reason = "each system names the one it has")
)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// A picture's side, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(test, windows)),
    expect(dead_code, reason = "each system names the one it wants")
)]
pub(crate) enum Scale {
    S16,
    S20,
    S24,
    S32,
    S40,
    S48,
    S64,
}

/// A picture as the window system takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Four bytes for each point: red, green, blue, opacity.
    pub(crate) rgba: Vec<u8>,
    pub(crate) side: u32,
}

impl Picture {
    /// Reads a picture; none when it is not one, which a test rules out.
    pub(crate) fn of(icon: Icon, theme: Theme, scale: Scale) -> Option<Self> {
        let mut reader = png::Decoder::new(Cursor::new(file(icon, theme, scale)))
            .read_info()
            .ok()?;
        let mut rgba = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut rgba).ok()?;
        let is_rgba =
            (info.color_type, info.bit_depth) == (png::ColorType::Rgba, png::BitDepth::Eight);
        (is_rgba && info.width == info.height).then_some(Self {
            rgba,
            side: info.width,
        })
    }
}

macro_rules! of_side {
    ($scale:expr, $name:literal, $theme:literal, $($variant:ident $side:literal),*) => {
        match $scale {
            $(Scale::$variant => include_bytes!(concat!(
                "../icons/tray/png/", $name, "-", $theme, "-", $side, ".png"
            ))
            .as_slice(),)*
        }
    };
    ($scale:expr, $name:literal, $theme:literal) => {
        of_side!($scale, $name, $theme,
            S16 "16", S20 "20", S24 "24", S32 "32", S40 "40", S48 "48", S64 "64")
    };
}

macro_rules! pictures {
    ($icon:expr, $theme:expr, $scale:expr, $($variant:ident $name:literal),*) => {
        match $icon {
            $(Icon::$variant => match $theme {
                Theme::Light => of_side!($scale, $name, "light"),
                Theme::Dark => of_side!($scale, $name, "dark"),
            },)*
        }
    };
}

fn file(icon: Icon, theme: Theme, scale: Scale) -> &'static [u8] {
    pictures!(icon, theme, scale,
        AgentDown "agent-down",
        NoCardService "no-card-service",
        NoReader "no-reader",
        NoCard "no-card",
        Card "card",
        SigningIn "signing-in",
        SignedIn "signed-in",
        Attention "attention")
}
