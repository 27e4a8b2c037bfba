//! Where somebody goes on to: pages of our own, and nowhere else.
//!
//! What comes in: an address as a browser brought it. What goes out: its path and query if it is one of ours. Never: an address of another
//! site, however it is written.

/// The path and query of an address on this host.
pub(crate) fn own_page(text: &str) -> Option<&str> {
    let is_ours =
        text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\r', '\n', '\t']);
    is_ours.then_some(text)
}

/// A page of ours that leads on to another afterwards.
pub(crate) fn with_return(page: &str, then: &str) -> String {
    let then: String = form_urlencoded::byte_serialize(then.as_bytes()).collect();
    format!("{page}?then={then}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for ours in ["/", "/home/7?span=year", "/desk/governance/log?after=a%2Fb"] {
            assert_eq!(own_page(ours), Some(ours));
        }
        for other in
            ["", "home", "//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example"]
        {
            assert_eq!(own_page(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_return_is_one_field() {
        assert_eq!(
            with_return("/account/proof", "/a?b=c&d=é"),
            "/account/proof?then=%2Fa%3Fb%3Dc%26d%3D%C3%A9"
        );
    }
}
