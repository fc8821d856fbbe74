//! Streams that no agent would send.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const PIECES: &[&[u8]] = &[
    b"data",
    b"id",
    b"event",
    b"retry",
    b":",
    b": ",
    b" ",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"data: x\n",
    b"id: 1\n",
];

fn streams() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        3 => select(PIECES).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

fn read(parser: &mut Parser, bytes: &[u8]) -> Result<Vec<Block>, TooLong> {
    let mut input = Bytes::copy_from_slice(bytes);
    let mut blocks = Vec::new();
    while let Some(block) = parser.read(&mut input)? {
        blocks.push(block);
    }
    Ok(blocks)
}

/// A parser that was given all but `left` bytes of the longest message.
fn nearly_full(left: usize, in_one_line: bool) -> Parser {
    let mut held = vec![b'x'; LONGEST - left];
    let mut parser = Parser::default();
    if in_one_line {
        held[..3].copy_from_slice(b"id:");
        parser.line = held;
    } else {
        parser.data = Some(held);
    }
    parser
}

proptest! {
    #[test]
    fn messages_are_the_same_however_the_stream_is_cut(
        stream in streams(),
        cuts in vec(any::<Index>(), 0..8),
    ) {
        let whole = read(&mut Parser::default(), &stream).unwrap();

        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut parser = Parser::default();
        let mut blocks = Vec::new();
        for cut in cuts.windows(2) {
            blocks.extend(read(&mut parser, &stream[cut[0]..cut[1]]).unwrap());
        }
        prop_assert_eq!(blocks, whole);
    }

    #[test]
    fn a_message_comes_out_as_it_was_sent_whatever_came_before(
        before in streams(),
        id in "[^\\r\\n\\x00]{0,9}",
        lines in vec("[^\\r\\n]{0,9}", 1..4),
        end in select(&["\n", "\r", "\r\n"][..]),
    ) {
        let mut parser = Parser::default();
        read(&mut parser, &before).unwrap();
        read(&mut parser, b"\n\n").unwrap();
        let data: String = lines.iter().map(|line| format!("data: {line}{end}")).collect();
        let blocks = read(&mut parser, format!("id: {id}{end}{data}{end}").as_bytes()).unwrap();
        let sent = Block { id: Some(id), data: lines.join("\n").into_bytes() };
        prop_assert_eq!(blocks, [sent]);
    }

    #[test]
    fn no_stream_makes_the_parser_hold_more_than_the_longest_message(
        left in 0..64_usize,
        in_one_line: bool,
        stream in vec(streams(), 1..4),
    ) {
        let mut parser = nearly_full(left, in_one_line);
        for piece in stream {
            let is_over = read(&mut parser, &piece).is_err();
            let data = parser.data.as_ref().map_or(0, Vec::len);
            prop_assert!(parser.line.len() + data <= LONGEST);
            // Where an id is no UTF-8, three bytes stand for one.
            prop_assert!(parser.id.as_ref().map_or(0, String::len) <= 3 * LONGEST);
            if is_over {
                break;
            }
        }
    }
}
