//! Any messages at either end of a connection for remote commands.

use crate::command::{ClientMux, Output, Report, Request, ServerMux};

/// Hears each message of `input`, which stands behind its length of one byte, as a server and as a client would. What breaks
/// a rule ends the conversation.
pub fn command_messages(mut input: &[u8]) {
    let (mut server, mut client) = (Some(ServerMux::default()), Some(ClientMux::default()));
    while let Some((length, rest)) = input.split_first() {
        let (message, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        input = rest;
        if let Some(open) = &mut server {
            server = hear_request(open, message).then(|| server.take()).flatten();
        }
        if let Some(open) = &mut client {
            client = hear_report(open, message).then(|| client.take()).flatten();
        }
    }
}

/// Answers what was begun by all that may be said of it.
fn hear_request(server: &mut ServerMux, message: &[u8]) -> bool {
    let Ok(request) = Request::decode(message) else { return false };
    if !matches!(request, Request::GoAway { .. }) {
        assert!(request.encode() == message, "a message has one form");
    }
    match server.take(request) {
        Ok(Some(Request::Run(channel, run))) => {
            let count = run.credit[0].min(7);
            server.started(channel).expect("it was begun in this moment");
            server.spend(channel, Output::Stdout, count as usize).expect("there is credit");
            assert!(
                server.spend(channel, Output::Stderr, run.credit[1] as usize + 1).is_err(),
                "no more than there is"
            );
            assert_eq!(server.end(channel, Output::Stdout), Ok(count.into()));
            if channel.is_multiple_of(2) {
                server.end(channel, Output::Stderr).expect("it has not ended");
                assert_eq!(server.exit(channel), Ok(()));
            }
            true
        }
        Ok(_) => true,
        Err(violation) => {
            assert!(!violation.to_string().is_empty());
            false
        }
    }
}

fn hear_report(client: &mut ClientMux, message: &[u8]) -> bool {
    let Ok(report) = Report::decode(message) else { return false };
    if !matches!(report, Report::GoAway { .. }) {
        assert!(report.framed()[4..] == *message, "a message has one form");
    }
    if client.open() < 4 {
        client.begin([64, 64]);
    }
    let is_right = client.take(&report).is_ok();
    if is_right && let Report::Exit(channel, _) | Report::Refused(channel, ..) = report {
        assert!(!client.is_open(channel) && client.take(&report).is_err(), "nothing comes behind the last");
        return false;
    }
    is_right
}
