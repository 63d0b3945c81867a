//! Who is there, in words of line chat, and not more of them than anybody reads.

use super::hub::Hub;
use super::room::Present;

/// How many are listed, and in how many bytes, about.
pub(super) struct Extent {
    members: usize,
    bytes: usize,
}

/// For who comes.
pub(super) const GREETING: Extent = Extent { members: 20, bytes: 512 };
/// For who asks.
pub(super) const ANSWER: Extent = Extent { members: 100, bytes: 2048 };

impl Extent {
    /// How many members need to be looked at.
    pub(super) fn members(&self) -> usize {
        self.members
    }
}

impl Hub {
    /// The sentence that says who is there.
    pub(super) fn present(&self, present: &Present, extent: &Extent) -> String {
        let mut text = "* here: ".to_owned();
        let mut listed = 0;
        for member in &present.members {
            let name = self.wire.called(member);
            if listed > 0 {
                // One is listed, however long.
                if text.len() + name.len() > extent.bytes {
                    break;
                }
                text.push_str(", ");
            }
            text.push_str(&name);
            listed += 1;
        }
        match (listed, present.count - listed) {
            (_, 0) => {}
            (0, more) => text.push_str(&more.to_string()),
            (_, more) => text.push_str(&format!(" and {more} more")),
        }
        text
    }
}
