//! What is said is understood, and what breaks a rule is told which.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::command::exit::{Exit, ExitKind};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..40)
}

fn exit() -> impl Strategy<Value = Exit> {
    let kinds = (0..ExitKind::ALL.len()).prop_map(|index| ExitKind::ALL[index]);
    (kinds, any::<[u8; 2]>(), any::<[bool; 2]>(), any::<[u64; 2]>(), any::<[u32; 4]>()).prop_map(
        |(kind, [raw_code, signal], [core, survivors_killed], [stdout_bytes, stderr_bytes], [a, b, c, max_rss])| {
            let [wall, user, system] = [a, b, c].map(|time| Duration::from_micros(time.into()));
            Exit {
                kind,
                raw_code,
                signal,
                core,
                survivors_killed,
                stdout_bytes,
                stderr_bytes,
                wall,
                user,
                system,
                max_rss,
            }
        },
    )
}

fn assert_understood(request: &Request<'_>) {
    let message = request.encode();
    assert_eq!(Request::decode(&message).as_ref(), Ok(request));
    for end in 0..message.len() {
        // Those that end with text or bytes of any length are whole wherever they are cut behind their fields.
        let cut = Request::decode(&message[..end]);
        let may_be_cut = matches!(request, Request::Stdin(..) | Request::GoAway { .. });
        assert!(may_be_cut || matches!(cut, Err(Violation::Short(_) | Violation::Headless)), "{cut:?}");
    }
    if !matches!(request, Request::Stdin(..) | Request::GoAway { .. }) {
        let longer = [&message[..], b"x"].concat();
        assert!(matches!(Request::decode(&longer), Err(Violation::LeftOver(_))));
    }
}

fn assert_reported(report: &Report<'_>) {
    let framed = report.framed();
    let message = &framed[4..];
    assert_eq!(framed[..4], (message.len() as u32).to_be_bytes());
    assert_eq!(Report::decode(message).as_ref(), Ok(report));
    let has_rest = matches!(report, Report::Output(..) | Report::GoAway { .. } | Report::Refused(..));
    if !has_rest {
        assert!(matches!(Report::decode(&[message, b"x"].concat()), Err(Violation::LeftOver(_))));
        assert!(Report::decode(&message[..message.len() - 1]).is_err());
    }
}

proptest! {
    #[test]
    fn a_run_is_understood_as_it_was_meant(
        flags in 0..8_u8, timeout in any::<u32>(), credit in any::<[u16; 2]>(), limit in any::<u64>(),
        name in bytes(), args in vec(bytes(), 0..6), env in vec((bytes(), bytes()), 0..4), channel in 1..u32::MAX,
    ) {
        let run = Run {
            flags: Flags { stdin: flags & 1 != 0, merge: flags & 2 != 0, shell: flags & 4 != 0 },
            timeout,
            credit: credit.map(u32::from),
            limit,
            name: &name,
            args: args.iter().map(Vec::as_slice).collect(),
            env: env.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect(),
        };
        assert_understood(&Request::Run(channel, run));
    }

    #[test]
    fn requests_are_understood(channel in 1..u32::MAX, more in any::<u32>(), bytes in bytes(), text in ".{0,20}") {
        let everything = [
            Request::Hello { features: more },
            Request::Stdin(channel, &bytes),
            Request::StdinEnd(channel),
            Request::Credit(channel, Output::Stderr, more),
            Request::Signal(channel, Signal::Terminate),
            Request::Stop(channel, Output::Stdout),
            Request::Ping,
            Request::Pong,
            Request::GoAway { why: Farewell::Protocol, text: &text },
        ];
        everything.iter().for_each(assert_understood);
    }

    #[test]
    fn reports_are_understood(
        channel in 1..u32::MAX, number in any::<u64>(), code in any::<u16>(), bytes in bytes(), text in ".{0,20}",
        exit in exit(),
    ) {
        let hello = ServerHello { features: 0, channels: code, argument_bytes: 9, timeout: 7, server_id: &bytes };
        let everything = [
            Report::Hello(hello),
            Report::Started(channel, number),
            Report::Output(channel, Output::Stdout, &bytes),
            Report::Output(channel, Output::Stderr, &bytes),
            Report::End(channel, Output::Stderr, number, 3),
            Report::StdinCredit(channel, code.into()),
            Report::StdinClosed(channel),
            Report::Exit(channel, exit),
            Report::Refused(channel, code, &text),
            Report::Ping,
            Report::Pong,
            Report::GoAway { why: Farewell::Stopping, last: channel, text: &text },
        ];
        everything.iter().for_each(assert_reported);
        let head = Report::output_head(channel, Output::Stdout, bytes.len());
        prop_assert_eq!([&head[..], &bytes].concat(), Report::Output(channel, Output::Stdout, &bytes).framed().to_vec());
    }

    #[test]
    fn whatever_comes_is_understood_in_one_way_or_refused(message in vec(any::<u8>(), 0..60)) {
        if let Ok(request) = Request::decode(&message) && !matches!(request, Request::GoAway { .. }) {
            prop_assert_eq!(request.encode(), message.clone());
        }
        if let Ok(report) = Report::decode(&message) && !matches!(report, Report::GoAway { .. }) {
            prop_assert_eq!(&report.framed()[4..], &message[..]);
        }
    }
}

#[test]
fn what_breaks_a_rule_is_told_which() {
    let rule = |message: &[u8]| Request::decode(message).unwrap_err().to_string();
    assert_eq!(rule(b"\x01\0\0\0"), "a message has a type and a channel");
    assert_eq!(rule(b"\x99\0\0\0\x01"), "there is no message of type 0x99");
    assert_eq!(rule(b"\x01\0\0\0\0rcmx\x01\0\0\0\0"), "HELLO begins with 'rcmd'");
    assert_eq!(rule(b"\x01\0\0\0\0rcmd\x02\0\0\0\0"), "version 2 is not spoken here, only 1");
    assert_eq!(rule(b"\x01\0\0\0\x05rcmd\x01\0\0\0\0"), "HELLO has channel 0");
    assert_eq!(rule(b"\x12\0\0\0\0"), "STDIN_END names a command, not channel 0");
    assert_eq!(rule(b"\x12\0\0\0\x01!"), "STDIN_END has bytes behind its end");
    assert_eq!(rule(b"\x13\0\0\0\x01\x03\0\0\0\x01"), "stream 3 is neither 1 nor 2");
    assert_eq!(rule(b"\x14\0\0\0\x01\x13"), "signal 19 cannot be sent");
    assert_eq!(rule(b"\x10\0\0\0\x01\x08"), "flags 0x08 of RUN are unknown");
    assert_eq!(rule(b"\x10\0\0\0\x01\x00\0\0"), "RUN is too short");
    assert_eq!(rule(b"\x7d\0\0\0\x01"), "PING has channel 0");
    assert_eq!(rule(b"\x7f\0\0\0\0\x01\xff"), "the text of GOAWAY is not UTF-8");
    let much = Run { credit: [0, MOST_CREDIT + 1], ..Run::default() };
    assert_eq!(rule(&Request::Run(1, much).encode()), "credit is at most 2^31 bytes at a time");
}

#[test]
fn numbers_of_refusals_and_kinds_are_their_places() {
    for code in 1..=15 {
        assert_eq!(Refusal::from_code(code).unwrap().code(), code);
    }
    assert_eq!(Refusal::from_code(0).or(Refusal::from_code(16)), None);
    for (index, kind) in ExitKind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, index + 1);
    }
}

#[test]
fn a_number_stands_for_one_signal_or_none() {
    let numbers: Vec<_> = (0..=u8::MAX).filter(|number| Signal::from_number(*number).is_some()).collect();
    assert_eq!(numbers, Signal::ALL.map(Signal::number));
    assert!(Signal::ALL.into_iter().all(|signal| Signal::from_number(signal.number()) == Some(signal)));
    assert_eq!((Signal::Hangup.to_string(), Signal::WindowChange.number()), ("HUP".into(), 28));
}
