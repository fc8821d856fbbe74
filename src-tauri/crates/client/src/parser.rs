//! Server-Sent Events, read (HTML Living Standard, section 9.2.6).
//!
//! Own, because the crates for it neither bound the size of a message nor tell of bytes that
//! belong to none; silence is counted in bytes.

use bytes::{Buf, Bytes};

/// No message of the agent is longer, in bytes.
const LONGEST: usize = 1 << 20;

/// One message with data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// The id given last in this stream, in this message or before it.
    pub(crate) id: Option<String>,
    /// The lines of data, joined by line feeds.
    pub(crate) data: Vec<u8>,
}

/// A message was longer than any the agent sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    after_return: bool,
    id: Option<String>,
    data: Option<Vec<u8>>,
}

impl Parser {
    /// Reads until a message is complete, which it takes out of `input`, or `input` is used up.
    pub(crate) fn read(&mut self, input: &mut Bytes) -> Result<Option<Block>, TooLong> {
        while input.has_remaining() {
            let byte = input.get_u8();
            let second_half = std::mem::take(&mut self.after_return) && byte == b'\n';
            if second_half {
                continue;
            }
            if !matches!(byte, b'\n' | b'\r') {
                self.keep(byte)?;
                continue;
            }
            self.after_return = byte == b'\r';
            if let Some(block) = self.end_line() {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    fn keep(&mut self, byte: u8) -> Result<(), TooLong> {
        let held = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if held >= LONGEST {
            return Err(TooLong);
        }
        self.line.push(byte);
        Ok(())
    }

    fn end_line(&mut self) -> Option<Block> {
        if self.line.is_empty() {
            let data = self.data.take()?;
            let id = self.id.clone();
            return Some(Block { id, data });
        }
        let colon = self.line.iter().position(|&byte| byte == b':');
        let (name, value) = match colon {
            Some(at) => (&self.line[..at], &self.line[at + 1..]),
            None => (&self.line[..], &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"id" if !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            // The JSON says which event it is; comments and `retry` are nothing to us.
            _ => {}
        }
        self.line.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    mod fuzz;

    use super::*;

    fn read_in_pieces(text: &str, size: usize) -> Vec<(Option<String>, String)> {
        let mut parser = Parser::default();
        let mut blocks = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            let mut input = Bytes::copy_from_slice(piece);
            while let Some(block) = parser.read(&mut input).unwrap() {
                blocks.push((block.id, String::from_utf8(block.data).unwrap()));
            }
        }
        blocks
    }

    #[test]
    fn messages_are_the_same_however_they_are_cut_and_lines_end() {
        let text = ": hello\n\nid: 1\nevent: a\ndata: {\"x\":1}\n\ndata:one\ndata: two\nretry: 5\n\n\
                    id: 2\n\ndata\n\n";
        let expected = vec![
            (Some("1".to_owned()), "{\"x\":1}".to_owned()),
            (Some("1".to_owned()), "one\ntwo".to_owned()),
            (Some("2".to_owned()), String::new()),
        ];
        for ending in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', ending);
            for size in 1..text.len() {
                assert_eq!(read_in_pieces(&text, size), expected, "{ending:?} {size}");
            }
        }
    }

    #[test]
    fn a_message_that_never_ends_is_refused() {
        let mut parser = Parser::default();
        let mut line = Bytes::from(vec![b'x'; LONGEST + 1]);
        assert_eq!(parser.read(&mut line), Err(TooLong));

        let mut parser = Parser::default();
        let mut lines = Bytes::from("data: xxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(LONGEST / 24 + 1));
        assert_eq!(parser.read(&mut lines), Err(TooLong));
    }
}
