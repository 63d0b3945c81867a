//! Lists whose entries may have become pointless, and are not worth finding when they do.

/// Says when such a list is to be gone through: whenever it has doubled since. So an entry costs a constant time, and a
/// list is never longer than twice what was of use in it, and a few more.
#[derive(Debug, Default)]
pub(crate) struct Tidy {
    left: usize,
}

impl Tidy {
    const A_FEW: usize = 64;

    /// Whether a list of that length should lose what is pointless in it; [`Tidy::done`] has to follow.
    #[inline]
    pub(crate) fn is_due(&self, length: usize) -> bool {
        length >= 2 * self.left + Tidy::A_FEW
    }

    /// It was gone through, and so many entries are left.
    pub(crate) fn done(&mut self, left: usize) {
        self.left = left;
    }
}
