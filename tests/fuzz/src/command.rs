//! The messages of remote commands, and who may say which when.

use rustchat::fuzzing::command_messages;

/// See the module.
pub fn run(input: &[u8]) {
    command_messages(input);
}
