//! The fuzzer's bytes as choices and pieces.

use std::time::Duration;

use rustchat::frame::Framing;

/// Longer than anything takes on a loaded machine under a sanitizer: whoever needs it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What is left of the fuzzer's bytes. When nothing is, every number is 0 and every piece empty.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Input<'a> {
        Input(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `end`, which is at most 256.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(crate) fn framing(&mut self) -> Framing {
        self.pick(&Framing::ALL)
    }

    /// The next bytes, as many as the first of them says.
    pub(crate) fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        piece
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// `bytes` in pieces whose lengths are those of `cuts` in turn, from 1 on; in one piece if there are none.
pub(crate) fn pieces<'a>(mut bytes: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = cuts.iter().map(|cut| usize::from(*cut).max(1)).cycle();
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let length = lengths.next().unwrap_or(bytes.len()).min(bytes.len());
        let (piece, rest) = bytes.split_at(length);
        bytes = rest;
        Some(piece)
    })
}
