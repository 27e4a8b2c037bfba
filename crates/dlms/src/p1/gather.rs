//! Lines of an input → P1 telegrams, which have several lines.
//!
//! What comes in: lines without their ends, which a file may have changed. What goes out: whole telegrams with the ends that the
//! port sends, carriage return and line feed; the CRC covers them. Never more in memory than one telegram.

/// The longest telegram kept: a meter with every line of every standard has a tenth of it.
const TELEGRAM_MAX: usize = 16 * 1024;

/// Telegrams from lines.
#[derive(Debug, Clone, Default)]
pub struct P1Lines {
    text: Vec<u8>,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum P1Step {
    /// No part of a telegram.
    Other,
    /// A part of one that is not finished.
    Inside,
    /// The last line of this telegram.
    Whole(Vec<u8>),
    /// The telegram before never ended, and is dropped; give the line again.
    Broken,
}

impl P1Lines {
    /// Takes a line.
    pub fn line(&mut self, line: &[u8]) -> P1Step {
        let line = line.trim_ascii_end();
        match (self.is_open(), line) {
            (false, [b'/', ..]) => self.add(line),
            (false, _) => P1Step::Other,
            (true, [b'!', ..]) => {
                self.text.extend_from_slice(line);
                P1Step::Whole(std::mem::take(&mut self.text))
            }
            (true, line) if is_inside(line) && self.text.len() + line.len() <= TELEGRAM_MAX => self.add(line),
            (true, _) => {
                self.text.clear();
                P1Step::Broken
            }
        }
    }

    /// Whether a telegram has begun and not ended.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.text.is_empty()
    }

    fn add(&mut self, line: &[u8]) -> P1Step {
        self.text.extend_from_slice(line);
        self.text.extend_from_slice(b"\r\n");
        P1Step::Inside
    }
}

/// An empty line, or values in brackets: a long one may go on with nothing but them.
fn is_inside(line: &[u8]) -> bool {
    line.is_empty() || (line.contains(&b'(') && !line.starts_with(b"/") && !line.starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<P1Step> {
        let mut lines = P1Lines::default();
        text.split('\n').map(|line| lines.line(line.as_bytes())).collect()
    }

    #[test]
    fn a_telegram_has_the_ends_of_lines_that_the_port_sends() {
        let whole = b"/TID5\\1\r\n\r\n1-0:1.8.0(000012.345*kWh)\r\n!01DA".to_vec();
        for end in ["\n", "\r\n"] {
            let text = ["/TID5\\1", "", "1-0:1.8.0(000012.345*kWh)", "!01DA", "2E44"].join(end);
            let expected =
                [P1Step::Inside, P1Step::Inside, P1Step::Inside, P1Step::Whole(whole.clone()), P1Step::Other];
            assert_eq!(steps(&text), expected);
        }
        assert!(super::super::decode_p1(&whole)[0].is_ok());
    }

    #[test]
    fn one_that_never_ends_is_dropped() {
        assert_eq!(steps("/TID5\\1\n2E44"), [P1Step::Inside, P1Step::Broken]);
        assert_eq!(steps("/TID5\\1\n/TID5\\2"), [P1Step::Inside, P1Step::Broken]);
        let mut lines = P1Lines::default();
        assert_eq!(lines.line(b"/TID5"), P1Step::Inside);
        let long = [b"0-0:1.0.0(".as_slice(), &[b'1'; 1000]].concat();
        let taken = (0..100).take_while(|_| lines.line(&long) == P1Step::Inside).count();
        assert!(taken < 17 && !lines.is_open());
    }
}
