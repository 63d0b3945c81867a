//! The life of one connection of a server, with a made-up clock.

use rustchat::fuzzing::peer_life;

/// See the module.
pub fn run(input: &[u8]) {
    peer_life(input);
}
