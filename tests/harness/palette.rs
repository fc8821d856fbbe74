//! Pictures with a palette, which are small.

use std::collections::HashMap;
use std::io::Cursor;

use anyhow::{Context as _, Result};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// As many colours as a palette has.
const MOST: usize = 256;

type Colour = [u8; 3];

/// The same picture, as PNG with the colours that it has most of; others are the nearest of these.
pub fn reduced(picture: &[u8]) -> Result<Vec<u8>> {
    let mut decoder = Decoder::new(Cursor::new(picture));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut points = vec![0; reader.output_buffer_size().context("too large")?];
    let frame = reader.next_frame(&mut points)?;
    let samples = frame.color_type.samples();
    anyhow::ensure!(samples >= 3, "no colours");
    let colours = points
        .chunks_exact(samples)
        .map(|point| [point[0], point[1], point[2]]);
    let colours: Vec<Colour> = colours.collect();

    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for colour in &colours {
        *counts.entry(*colour).or_default() += 1;
    }
    let mut by_count: Vec<_> = counts.into_iter().collect();
    by_count.sort_unstable_by_key(|&(colour, count)| (std::cmp::Reverse(count), colour));
    let palette: Vec<Colour> = by_count
        .iter()
        .take(MOST)
        .map(|&(colour, _)| colour)
        .collect();
    let mut places = HashMap::new();
    for &(colour, _) in &by_count {
        let nearest = palette
            .iter()
            .enumerate()
            .min_by_key(|(_, other)| distance(colour, **other));
        places.insert(colour, u8::try_from(nearest.context("no colours")?.0)?);
    }
    let indices: Vec<u8> = colours.iter().map(|colour| places[colour]).collect();

    let mut small = Vec::new();
    let mut encoder = Encoder::new(&mut small, frame.width, frame.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(small)
}

fn distance(one: Colour, other: Colour) -> u32 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(a, b)| u32::from(a.abs_diff(b)).pow(2));
    squares.sum()
}
