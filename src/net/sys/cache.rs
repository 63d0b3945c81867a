//! The processor's cache.

/// A cache line of the processors that have the instruction.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Where something lies, for as long as it does: nothing is read by this, so that it may be gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    address: usize,
    size: usize,
}

impl Place {
    pub(crate) fn of<T: ?Sized>(value: &T) -> Place {
        Place { address: std::ptr::from_ref(value).addr(), size: size_of_val(value) }
    }

    /// Has the cache fetch it while the caller goes on. Does nothing on processors other than x86-64.
    pub(crate) fn prefetch(self) {
        #[cfg(target_arch = "x86_64")]
        for line in (self.address & !(LINE - 1)..self.address + self.size).step_by(LINE) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: the instruction is a hint. It never faults and changes nothing, whatever the address is (Intel SDM,
            // volume 2, PREFETCHh), and every x86-64 processor has it.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::without_provenance(line)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn what_is_gone_or_never_was_may_be_asked_for() {
        let gone = Place::of(&*vec![1_u8; 10_000]);
        gone.prefetch();
        Place::default().prefetch();
        Place { address: usize::MAX - 4096, size: 4096 }.prefetch();
    }
}
