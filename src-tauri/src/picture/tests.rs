use super::*;

const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];
const SCALES: [(Scale, u32); 7] = [
    (Scale::S16, 16),
    (Scale::S20, 20),
    (Scale::S24, 24),
    (Scale::S32, 32),
    (Scale::S40, 40),
    (Scale::S48, 48),
    (Scale::S64, 64),
];

/// How many points in a hundred two shapes have to differ in.
const DIFFERENT: usize = 10;
/// How many points in a hundred a picture has to have that stand out from the panel.
const SEEN: usize = 12;

/// What is left when colour is taken away: how opaque each point is. Strokes of one theme differ in
/// colour only, so that a shape alone tells pictures apart.
fn shape(picture: &Picture) -> Vec<u8> {
    picture.rgba.chunks_exact(4).map(|point| point[3]).collect()
}

/// The same on a panel, in grey.
fn grey(picture: &Picture, panel: u32) -> Vec<u32> {
    let point = |point: &[u8]| {
        let [red, green, blue, opacity] = [0, 1, 2, 3].map(|part| u32::from(point[part]));
        let luminance = (red * 299 + green * 587 + blue * 114) / 1000;
        (luminance * opacity + panel * (255 - opacity)) / 255
    };
    picture.rgba.chunks_exact(4).map(point).collect()
}

#[test]
fn every_picture_is_there_in_its_size() {
    for icon in Icon::ALL {
        for theme in THEMES {
            for (scale, side) in SCALES {
                let picture = Picture::of(icon, theme, scale);
                assert_eq!(
                    picture.map(|picture| picture.side),
                    Some(side),
                    "{icon:?} {theme:?}"
                );
            }
        }
    }
}

#[test]
fn each_picture_differs_from_each_other_by_its_shape_alone() {
    for theme in THEMES {
        for (scale, side) in SCALES {
            let shapes = Icon::ALL.map(|icon| shape(&Picture::of(icon, theme, scale).unwrap()));
            for (at, one) in shapes.iter().enumerate() {
                for (other_at, other) in shapes.iter().enumerate().skip(at + 1) {
                    let points = one.iter().zip(other).filter(|(a, b)| a.abs_diff(**b) > 96);
                    let hundredths = points.count() * 100 / one.len();
                    let names = (Icon::ALL[at], Icon::ALL[other_at]);
                    assert!(
                        hundredths >= DIFFERENT,
                        "{names:?} {theme:?} {side}: {hundredths}"
                    );
                }
            }
        }
    }
}

#[test]
fn each_picture_can_be_seen_on_its_panel_in_grey() {
    for (theme, panel) in [(Theme::Light, 240), (Theme::Dark, 32)] {
        for icon in Icon::ALL {
            let picture = Picture::of(icon, theme, Scale::S16).unwrap();
            let grey = grey(&picture, panel);
            let points = grey
                .iter()
                .filter(|point| point.abs_diff(panel) > 100)
                .count();
            assert!(
                points * 100 / grey.len() >= SEEN,
                "{icon:?} {theme:?}: {points}"
            );
        }
    }
}
