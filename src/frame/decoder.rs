//! Whole messages out of any split of the bytes.

use super::Framing;
use super::buffer::Buffer;
use super::split::{LONGEST_HEADER, Split, endless, line_too_long};
use crate::{Error, Result};

/// How much [`Decoder::space`] offers at first for a frame whose header promises more.
const FIRST_STEP: usize = 64 << 10;

/// Takes bytes as they come and gives whole messages.
///
/// Bytes come in either by [`push`](Decoder::push) or, for a read without a copy in between, by
/// [`space`](Decoder::space) and [`commit`](Decoder::commit). Call [`next`](Decoder::next) until it
/// gives `None` before bringing more: then the memory in use stays below the limit, a header and the
/// bytes brought at once.
///
/// The first error is final. Messages that were whole before it still come out of `next`, then the
/// error does, each time; nothing more is stored.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    limit: usize,
    buffer: Buffer,
    /// Length of the whole frames at the front which were looked at, but not given out.
    walked: usize,
    /// Length of the part behind `walked` that is known to hold no `\n`.
    scanned: usize,
    failed: Option<Error>,
}

impl Decoder {
    /// A decoder without memory yet. `limit` is the longest message in bytes.
    pub fn new(framing: Framing, limit: usize) -> Decoder {
        Decoder { framing, limit, buffer: Buffer::default(), walked: 0, scanned: 0, failed: None }
    }

    /// The framing it was made for.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The longest message in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The next whole message, or `None` until more bytes have come. The slice is the decoder's own
    /// memory and costs no copy.
    ///
    /// # Errors
    /// Those of [`Framing::split`], after all messages that came before the fault.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "it lends its own memory, which an Iterator cannot")]
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.is_empty() && self.failed.is_none() {
            return Ok(None);
        }
        let scanned = if self.walked == 0 { self.scanned } else { 0 };
        match self.framing.split(self.buffer.filled(), self.limit, scanned) {
            Ok(Some(split)) => Ok(Some(self.consume(split))),
            Ok(None) => self.run_dry().map(|()| None),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Shows the next whole message to `take`, and keeps it when that says `false`. Gives what `take` says, or `None`
    /// until more bytes have come.
    ///
    /// # Errors
    /// Those of [`Decoder::next`].
    pub(crate) fn offer(&mut self, take: impl FnOnce(&[u8]) -> bool) -> Result<Option<bool>> {
        let scanned = if self.walked == 0 { self.scanned } else { 0 };
        match self.framing.split(self.buffer.filled(), self.limit, scanned) {
            Ok(Some(split)) => {
                let taken = take(&self.buffer.filled()[split.payload.clone()]);
                if taken {
                    self.consume(split);
                }
                Ok(Some(taken))
            }
            Ok(None) => self.run_dry().map(|()| None),
            Err(error) => Err(self.fail(error)),
        }
    }

    #[inline(always)]
    fn consume(&mut self, split: Split) -> &[u8] {
        if self.walked == 0 {
            self.scanned = 0;
        } else {
            self.walked -= split.consumed;
        }
        self.buffer.consume(split.payload, split.consumed)
    }

    fn run_dry(&mut self) -> Result<()> {
        self.scanned = self.buffer.len();
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Takes `bytes`.
    ///
    /// # Errors
    /// Those of [`Framing::split`], when the frame that `bytes` go on with, or begin, is known to be
    /// at fault: nothing of `bytes` is stored then. A fault further behind is left to `next`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.walk();
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if let Err(error) = self.admit(bytes) {
            return Err(self.fail(error));
        }
        let ceiling = self.ceiling();
        self.buffer.space(bytes.len(), ceiling)[..bytes.len()].copy_from_slice(bytes);
        self.buffer.commit(bytes.len());
        Ok(())
    }

    /// Free, initialised memory to read into, at least `at_least` bytes.
    ///
    /// While a long frame is on its way it is more: up to the rest of the frame, but no more than
    /// 64 KiB or three times what has come of it, so that a header alone does not make the host
    /// pay for bytes that the peer never sends.
    #[inline]
    pub fn space(&mut self, at_least: usize) -> &mut [u8] {
        let ceiling = self.ceiling();
        if self.is_empty() {
            return self.buffer.space(at_least, ceiling);
        }
        self.walk();
        let wanted = match self.expected() {
            Some((have, total)) => at_least.max((total - have).min(FIRST_STEP.max(have.saturating_mul(3)))),
            None => at_least,
        };
        self.buffer.space(wanted, ceiling)
    }

    /// Says that the first `count` bytes of the last [`space`](Decoder::space) were written. After an
    /// error they are dropped.
    ///
    /// # Panics
    /// When `count` is more than the space offered.
    #[inline]
    pub fn commit(&mut self, count: usize) {
        if self.failed.is_none() {
            self.buffer.commit(count);
        }
    }

    /// How many bytes have come and not yet gone out in a message.
    #[inline]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Whether the bytes so far end with a frame and all messages are out: the only place where a
    /// peer may close in good order.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.buffered() == 0
    }

    /// How much of the unfinished message has come, and its length: for "connection lost after n of m
    /// bytes". Headers are not counted. `None` when no frame is unfinished, its header is, or the
    /// framing is [`Framing::Line`], which does not announce lengths.
    #[inline]
    pub fn expected(&self) -> Option<(usize, usize)> {
        if self.is_empty() { None } else { self.find_unfinished() }
    }

    fn find_unfinished(&self) -> Option<(usize, usize)> {
        let mut bytes = &self.buffer.filled()[self.walked..];
        while let Ok(Some(header)) = self.framing.header(bytes, self.limit) {
            bytes = &bytes[header.length..];
            if bytes.len() < header.payload {
                return Some((bytes.len(), header.payload));
            }
            bytes = &bytes[header.payload..];
        }
        None
    }

    /// What has come of the unfinished message that [`Decoder::expected`] tells of, when all whole ones are out.
    pub(crate) fn unfinished(&self) -> &[u8] {
        let have = self.expected().map_or(0, |(have, _)| have);
        &self.buffer.filled()[self.buffer.len() - have..]
    }

    /// All that has come and not gone out.
    pub(crate) fn pending(&self) -> &[u8] {
        self.buffer.filled()
    }

    /// Forgets the unfinished frame: its rest has gone past this decoder.
    pub(crate) fn forget_unfinished(&mut self) {
        self.buffer.consume(0..0, self.buffer.len());
        (self.walked, self.scanned) = (0, 0);
    }

    /// Takes out all bytes that have come, as they are on the wire, and begins anew, without any
    /// error: for a stream that goes on in another protocol.
    pub fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.buffer.filled().to_vec();
        *self = Decoder::new(self.framing, self.limit);
        rest
    }

    /// Bytes of memory in use, whatever is in it.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        self.buffer.memory()
    }

    /// Gives the memory back while there is nothing in it: for connections that fall idle.
    pub fn release_if_empty(&mut self) {
        self.buffer.release_if_empty();
    }

    /// Moves `walked` behind the last whole frame. Nothing to do for a caller that has called `next`
    /// until `None`.
    fn walk(&mut self) {
        while self.failed.is_none() {
            let pending = &self.buffer.filled()[self.walked..];
            match self.framing.split(pending, self.limit, self.scanned) {
                Ok(Some(split)) => {
                    self.walked += split.consumed;
                    self.scanned = 0;
                }
                Ok(None) => {
                    self.scanned = pending.len();
                    return;
                }
                Err(error) => drop(self.fail(error)),
            }
        }
    }

    /// Checks the unfinished frame with `bytes` behind it, before they are stored.
    fn admit(&self, bytes: &[u8]) -> Result<()> {
        let pending = &self.buffer.filled()[self.walked..];
        if self.framing == Framing::Line {
            return self.admit_line(pending.len(), bytes);
        }
        let mut head = [0; LONGEST_HEADER];
        let old = pending.len().min(LONGEST_HEADER);
        let new = bytes.len().min(LONGEST_HEADER - old);
        head[..old].copy_from_slice(&pending[..old]);
        head[old..old + new].copy_from_slice(&bytes[..new]);
        self.framing.header(&head[..old + new], self.limit).map(drop)
    }

    fn admit_line(&self, pending: usize, bytes: &[u8]) -> Result<()> {
        let total = pending + bytes.len();
        if total <= self.limit || !endless(total, bytes.last().copied(), self.limit) {
            return Ok(());
        }
        // A legal line ends within the limit and the two bytes of its ending.
        let window = self.limit.saturating_add(2).saturating_sub(pending).min(bytes.len());
        match memchr::memchr(b'\n', &bytes[..window]) {
            Some(_) => Ok(()),
            None => Err(line_too_long(self.limit)),
        }
    }

    /// The longest frame: growing in steps need not go beyond it.
    fn ceiling(&self) -> usize {
        self.limit.saturating_add(LONGEST_HEADER)
    }

    /// Remembers the error of the frame behind `walked` and lets go of that frame's bytes.
    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        self.buffer.truncate(self.walked);
        self.failed = Some(error.clone());
        error
    }
}
