//! Paths: lists of names, in which there is no separator that could be smuggled in.

use super::Violation;
use crate::wire::Fields;

/// Reads a path. What its names are is not looked at here.
pub(super) fn path<'m>(fields: &mut Fields<'m>) -> Result<Vec<&'m [u8]>, Violation> {
    let mut names = Vec::new();
    for _ in 0..fields.u8()? {
        let length = fields.u8()?;
        names.push(fields.bytes(length.into())?);
    }
    Ok(names)
}

/// Writes a path of at most 255 names of at most 255 bytes, which who makes messages has checked.
pub(super) fn put_path<N: AsRef<[u8]>>(out: &mut Vec<u8>, names: &[N]) {
    let names = &names[..names.len().min(u8::MAX.into())];
    out.push(names.len() as u8);
    for name in names {
        let name = name.as_ref();
        let name = &name[..name.len().min(u8::MAX.into())];
        out.push(name.len() as u8);
        out.extend_from_slice(name);
    }
}
