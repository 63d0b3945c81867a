//! Processes and pipes: the raw system calls, all of them.

mod child;
mod pipe;
mod process;
mod spawn;

pub(super) use child::Step;
pub(super) use pipe::{above_standard, is_empty, pipe, read, widen, write};
pub(super) use process::{Status, Usage, is_supported, peek, reap, signal_group};
pub(super) use spawn::{Child, Failed, Program, spawn};

#[cfg(test)]
mod tests;
