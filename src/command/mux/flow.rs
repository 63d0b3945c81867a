//! One direction of bytes of a command, and the credit for it.

use crate::command::wire::{MOST_CREDIT, Violation};

/// What may be sent, and what was. Both ends count the same.
#[derive(Debug, Default)]
pub(super) struct Flow {
    credit: u32,
    total: u64,
    ended: bool,
}

impl Flow {
    pub(super) fn new(credit: u32) -> Flow {
        Flow { credit, total: 0, ended: false }
    }

    pub(super) fn credit(&self) -> u32 {
        self.credit
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn grant(&mut self, more: u32) -> Result<(), Violation> {
        if more == 0 {
            return Err(Violation::NoCredit);
        }
        self.credit =
            self.credit.checked_add(more).filter(|sum| *sum <= MOST_CREDIT).ok_or(Violation::CreditOverflow)?;
        Ok(())
    }

    pub(super) fn spend(&mut self, count: usize) -> Result<(), Violation> {
        if self.ended {
            return Err(Violation::StreamEnded);
        }
        let count = u32::try_from(count).map_err(|_| Violation::OverCredit)?;
        self.credit = self.credit.checked_sub(count).ok_or(Violation::OverCredit)?;
        self.total += u64::from(count);
        Ok(())
    }

    /// Nothing more comes; returns how much did.
    pub(super) fn end(&mut self) -> Result<u64, Violation> {
        if std::mem::replace(&mut self.ended, true) {
            return Err(Violation::StreamEnded);
        }
        Ok(self.total)
    }
}
