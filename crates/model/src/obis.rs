//! OBIS codes (IEC 62056-6-1, EN 13757-1): what a register measures.

use std::fmt;

/// An OBIS code `A-B:C.D.E*F`. `F` = 255 means "current value" and is left out when shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Obis(pub [u8; 6]);

/// Why a text is not an OBIS code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an OBIS code; write `A-B:C.D.E`, such as `1-0:1.8.0`")]
pub struct ObisFault;

impl Obis {
    /// The code with groups A to E, for the current value (`F` = 255).
    #[must_use]
    pub const fn current(a: u8, b: u8, c: u8, d: u8, e: u8) -> Self {
        Self([a, b, c, d, e, 255])
    }

    /// Reads `A-B:C.D.E` or `A-B:C.D.E*F`.
    ///
    /// # Errors
    /// [`ObisFault`] for anything else, also for a group above 255.
    pub fn parse(text: &str) -> Result<Self, ObisFault> {
        let (media, rest) = text.split_once('-').ok_or(ObisFault)?;
        let (channel, rest) = rest.split_once(':').ok_or(ObisFault)?;
        let (body, billing) = rest.split_once('*').unwrap_or((rest, "255"));
        let mut groups = body.split('.');
        let mut next = || groups.next().ok_or(ObisFault);
        let (c, d, e) = (next()?, next()?, next()?);
        if groups.next().is_some() {
            return Err(ObisFault);
        }
        let number = |group: &str| group.parse::<u8>().map_err(|_| ObisFault);
        Ok(Self([number(media)?, number(channel)?, number(c)?, number(d)?, number(e)?, number(billing)?]))
    }
}

impl fmt::Display for Obis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, billing] = self.0;
        write!(f, "{a}-{b}:{c}.{d}.{e}")?;
        if billing == 255 { Ok(()) } else { write!(f, "*{billing}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_shows() {
        for text in ["1-0:1.8.0", "6-0:1.0.0", "1-0:1.8.1*12"] {
            assert_eq!(Obis::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "1-0", "1-0:1.8", "1-0:1.8.0.0", "1-0:1.8.256", "a-0:1.8.0"] {
            assert_eq!(Obis::parse(text), Err(ObisFault), "{text}");
        }
    }
}
