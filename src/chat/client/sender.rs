//! Who speaks, and how line chat shows that: `ann (127.0.0.1:5)`, or the address alone.

use std::net::SocketAddr;

use serde::Deserialize;

/// Who is at the other end of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// The member's number; 0 for the server, and where it is not known (line chat).
    pub id: u64,
    /// The address as the server sees it, empty if not known.
    pub address: String,
    /// The name of the member, if it has one.
    pub name: Option<String>,
    /// Whether it is the server itself that speaks, and no member. Nobody can make a message of its own look so.
    pub server: bool,
}

impl Sender {
    pub(super) fn server() -> Sender {
        Sender { server: true, ..Sender::default() }
    }
}

/// What stands between the head of who says something to us alone and the text.
const TO_US: &str = " says to you: ";

/// Who has that head.
pub(super) fn of(head: &str) -> Sender {
    let (name, address) = split(head).map_or((None, head), |(name, address)| (Some(name.to_owned()), address));
    Sender { name, address: address.to_owned(), ..Sender::default() }
}

/// The name and the address; `None` where there is no name.
fn split(head: &str) -> Option<(&str, &str)> {
    let (name, address) = head.strip_suffix(')')?.rsplit_once(" (")?;
    // A path may have parentheses in it; no name begins as a path does.
    let is_name = !name.is_empty() && !["/", "./", "../"].iter().any(|beginning| name.starts_with(beginning));
    (is_name && is_address(address)).then_some((name, address))
}

fn is_address(text: &str) -> bool {
    // The server shows no other path.
    let is_path = text.starts_with(['/', '.']) && !text.contains(['(', ')']);
    text == "unix" || is_path || text.parse::<SocketAddr>().is_ok()
}

/// Who says something to us alone, and what, by what the server tells of it.
pub(super) fn direct(notice: &str) -> Option<(Sender, String)> {
    if notice.starts_with("you say to ") {
        // What follows are our own words.
        return None;
    }
    let is_head = |head: &str| split(head).is_some() || is_address(head);
    let mut ends = notice.match_indices(TO_US).map(|(at, _)| at);
    let end = ends.find(|end| is_head(&notice[..*end]))?;
    Some((of(&notice[..end]), notice[end + TO_US.len()..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_a_name_or_none() {
        let named = |head| of(head).name;
        assert_eq!(of("ann (127.0.0.1:5)").address, "127.0.0.1:5");
        for head in ["ann (127.0.0.1:5)", "ann ([::1]:5)", "ann (unix)", "ann (/tmp/a.sock)", "ann (./a.sock)"] {
            assert_eq!(named(head).as_deref(), Some("ann"), "{head}");
        }
        assert_eq!(named("Ann (at home) (unix)").as_deref(), Some("Ann (at home)"));
        for head in ["127.0.0.1:5", "[::1]:5", "unix", "/tmp/a (unix)", "(unix)", " (unix)", "ann (home)", "ann", ""] {
            assert_eq!((named(head), of(head).address.as_str()), (None, head), "{head}");
        }
    }

    #[test]
    fn words_to_us_alone_are_known_by_a_head_before_them() {
        let (from, text) = direct("ann (unix) says to you: bob (unix) says to you: hi").unwrap();
        assert_eq!((from.name.as_deref(), text.as_str()), (Some("ann"), "bob (unix) says to you: hi"));
        let (from, text) = direct("x says to you: y (unix) says to you: hi").unwrap();
        assert_eq!((from.name.as_deref(), text.as_str()), (Some("x says to you: y"), "hi"));
        assert_eq!(direct("127.0.0.1:5 says to you: ").unwrap().0.address, "127.0.0.1:5");
        for notice in [
            "you say to bob (unix): ann (unix) says to you: hi",
            "here: ann (/tmp/a), x) says to you: hi (unix)",
            "127.0.0.1:5: is called ann says to you: hi",
        ] {
            assert!(direct(notice).is_none(), "{notice}");
        }
        assert!(direct("nobody says to you: hi").is_none() && direct("ann (unix): joined").is_none());
    }
}
