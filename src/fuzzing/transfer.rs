//! Any messages at either end of a connection for files.

use crate::transfer::{Ledger, Report, Request, checked_path};

/// Hears each message of `input`, which stands behind its length of one byte, as a server and as a client would. What breaks
/// a rule ends the conversation.
pub fn file_messages(mut input: &[u8]) {
    let mut server = Some(Ledger::default());
    while let Some((length, rest)) = input.split_first() {
        let (message, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        input = rest;
        if let Ok(report) = Report::decode(message)
            && !matches!(report, Report::GoAway { .. })
        {
            assert!(report.framed()[4..] == *message, "a message has one form");
        }
        server = server.take().filter(|_| !message.is_empty()).and_then(|ledger| hear(ledger, message));
    }
}

/// Lets what was asked for go on, and ends every fourth request.
fn hear(mut server: Ledger, message: &[u8]) -> Option<Ledger> {
    let request = Request::decode(message).ok()?;
    if !matches!(request, Request::GoAway { .. }) {
        assert!(request.encode() == message, "a message has one form");
    }
    match server.take(request) {
        Ok(Some(Request::Stat(id, path) | Request::List(id, path))) => {
            if let Ok(names) = checked_path(&path) {
                assert!(names.iter().all(|name| !matches!(&**name, "" | "." | "..") && !name.contains(['/', '\0'])));
            }
            server.over(id);
        }
        Ok(Some(Request::Put(id, _) | Request::Get(id, _))) => server.ready(id),
        Ok(Some(Request::Data(id, block))) if block.index.is_multiple_of(4) => server.dealt_with(id, 1),
        Ok(Some(Request::Finish(id, ..) | Request::Cancel(id))) => server.over(id),
        Ok(_) => {}
        Err(violation) => {
            assert!(!violation.to_string().is_empty());
            return None;
        }
    }
    Some(server)
}
