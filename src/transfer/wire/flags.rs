//! What a request wants beside its path, in one byte.

use super::Violation;

/// The flags of all requests; each knows some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags {
    /// Folders on the way are made.
    pub(crate) parents: bool,
    /// What is there already, or is not there, is as good.
    pub(crate) lenient: bool,
    /// A file of that name is replaced.
    pub(crate) overwrite: bool,
    /// What an earlier attempt has left is gone on with.
    pub(crate) resume: bool,
}

impl Flags {
    pub(super) const PARENTS: u8 = 1;
    pub(super) const LENIENT: u8 = 2;
    pub(super) const OVERWRITE: u8 = 4;
    pub(super) const RESUME: u8 = 8;

    pub(super) fn from_wire(byte: u8, known: u8, name: &'static str) -> Result<Flags, Violation> {
        if byte & !known != 0 {
            return Err(Violation::UnknownFlags(name, byte));
        }
        let has = |flag| byte & flag != 0;
        Ok(Flags {
            parents: has(Flags::PARENTS),
            lenient: has(Flags::LENIENT),
            overwrite: has(Flags::OVERWRITE),
            resume: has(Flags::RESUME),
        })
    }

    pub(super) fn to_wire(self) -> u8 {
        let one = |is_set, flag| if is_set { flag } else { 0 };
        one(self.parents, Flags::PARENTS)
            | one(self.lenient, Flags::LENIENT)
            | one(self.overwrite, Flags::OVERWRITE)
            | one(self.resume, Flags::RESUME)
    }
}
