//! Where somebody comes from and with what, as coarse as counting and recognising need it.

use std::fmt;
use std::net::IpAddr;

/// A class of origins: a network, never a machine. It is kept as a keyed hash for a day.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(Vec<u8>);

impl Origin {
    /// The network of an address: 256 addresses of version 4, or what one subscriber is given of version 6 (/48).
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self([4].into_iter().chain(v4.octets().into_iter().take(3)).collect()),
            IpAddr::V6(v6) => Self([6].into_iter().chain(v6.octets().into_iter().take(6)).collect()),
        }
    }

    /// The machine the program runs on.
    #[must_use]
    pub fn local() -> Self {
        Self(vec![0])
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin(redacted)")
    }
}

/// A kind of browser, in words its owner knows again and that tell it from few others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser(String);

/// What to look for in the text a browser sends, and what to call it. The first that is there counts.
const FAMILIES: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];
const SYSTEMS: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
];

impl Browser {
    /// The kind of a browser by the text it sends, which is not kept.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let named = |list: &[(&str, &'static str)]| {
            list.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
        };
        match (named(&FAMILIES), named(&SYSTEMS)) {
            (Some(family), Some(system)) => Self(format!("{family}, {system}")),
            (Some(one), None) | (None, Some(one)) => Self(one.to_owned()),
            (None, None) => Self("-".to_owned()),
        }
    }

    pub(super) fn words(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_network() {
        let of = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), of("192.0.2.250"));
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:ffff::1"));
        assert_ne!(of("2001:db8:1::1"), of("2001:db8:2::1"));
        assert_eq!(format!("{:?}", of("192.0.2.7")), "Origin(redacted)");
    }

    #[test]
    fn a_browser_is_two_words() {
        for (sent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Safari/604",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge, Windows",
            ),
            ("curl/8.1", "-"),
            ("", "-"),
        ] {
            assert_eq!(Browser::of(sent).0, words);
        }
    }
}
