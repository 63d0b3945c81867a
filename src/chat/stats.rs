//! Numbers of servers and clients: each is written once, and every face makes its own of the list.

use crate::reactor::{Histogram, Total};

/// Hands the numbers of servers and clients to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! stats {
    ($then:ident) => {
        $then! {
            /// Numbers of a server since its start.
            ServerStats {
                /// Members now.
                members
                /// Connections accepted.
                accepted
                /// Connections turned away: the server was full or stopping, or its program did not admit them.
                refused
                /// Peers that did not prove to hold a key.
                authentication_failed
                /// Members that have joined.
                joined
                /// Members disconnected because they did not read, or for that reason by the program.
                too_slow
                /// Messages said to the room, by members and by the server.
                messages
                /// Messages of the room handed to members: one message for ten members is ten.
                deliveries
                /// Bytes received.
                bytes_in
                /// Bytes given to the system.
                bytes_out
                /// Events lost because the program did not take them.
                events_dropped
                /// Members now whose connections are secured by TLS.
                members_tls
            } histograms {
                /// How long turns of I/O threads have taken: from waking up to going back to sleep.
                turns
                /// How long messages of the room have taken, from being read, or said by the program, to being written to members or
                /// put into their outboxes: of each turn of a thread that of the first one.
                latency
            }
            /// Numbers of a client since it connected.
            ClientStats {
                /// Messages sent.
                messages_out
                /// Things received, of whichever kind.
                messages_in
            } histograms {}
        }
    };
}

macro_rules! numbers {
    ($($(#[doc = $about:literal])* $name:ident { $($(#[doc = $doc:literal])* $number:ident)* } histograms {
        $($(#[doc = $times_doc:literal])* $times:ident)*
    })*) => {$(
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])* pub $number: u64,)*
            $($(#[doc = $times_doc])* pub $times: Histogram,)*
        }

        impl $name {
            /// All numbers with their names.
            pub fn numbers(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($number), self.$number)),*]
            }

            /// All histograms with their names.
            pub fn histograms(&self) -> Vec<(&'static str, Histogram)> {
                vec![$((stringify!($times), self.$times)),*]
            }
        }
    )*};
}
stats!(numbers);

/// Sums of what a chat does, over the life of a server. Added to once a turn, never once a delivery.
#[derive(Default)]
pub(super) struct ChatTotals {
    pub(super) joined: Total,
    pub(super) too_slow: Total,
    pub(super) messages: Total,
    pub(super) deliveries: Total,
}
