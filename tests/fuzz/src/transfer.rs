//! The messages of file transfer, and who may say which when.

use rustchat::fuzzing::file_messages;

/// See the module.
pub fn run(input: &[u8]) {
    file_messages(input);
}
