//! One member of the room.

use crate::course::Course;
use crate::joining::Joining;
use crate::wire::Wire;

/// A client in the room or on its way there.
pub(crate) struct Member {
    pub(crate) wire: Wire,
    pub(crate) course: Course,
    /// `None` once the checks have begun.
    pub(crate) joining: Option<Joining>,
    /// The place in the list of senders.
    pub(crate) sender: Option<usize>,
}

impl Member {
    /// A member that has connected.
    pub(crate) fn new(wire: Wire, course: Course, sender: Option<usize>) -> Member {
        Member { wire, course, joining: Some(Joining::default()), sender }
    }
}
