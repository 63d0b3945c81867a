//! Who is there, as clients ask for it.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustchat::chat::{ChatClient, ChatServer, ClientAnswer, ClientOptions, Sender};
use rustchat::frame::Framing;
use rustchat::net::Endpoint;
use rustchat::{Error, Status};
use serde_json::json;
use support::returning::{Place, slow, until};
use support::{ObjectPeer, PATIENCE, await_members, eventually, options};

use rustchat::chat::IncomingKind::Disconnected;

fn start(framing: Framing) -> ChatServer {
    let mut options = options();
    options.framing = framing;
    ChatServer::start(options).unwrap()
}

fn member_of(server: &ChatServer) -> ClientOptions {
    let mut options = ClientOptions::new(Endpoint::from(server.address()));
    options.framing = server.options().framing;
    options
}

fn ids(members: &[Sender]) -> Vec<u64> {
    members.iter().map(|member| member.id).collect()
}

#[test]
fn a_client_asks_who_is_there() {
    let server = start(Framing::U32Be);
    let nameless = ObjectPeer::join(&server);
    let mut options = member_of(&server);
    options.name = Some("ann".into());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    eventually("ann has her name", || server.find(Some("ann"), None).is_ok());
    let members = client.who(PATIENCE).unwrap();
    assert_eq!(members.iter().map(|member| member.name.as_deref()).collect::<Vec<_>>(), [None, Some("ann")]);
    assert_eq!(members[0].address, nameless.welcome["you"]["address"]);
    assert_eq!(members[1].address, client.local().unwrap().to_string());
    assert_eq!(ids(&members), server.members().iter().map(|member| member.id()).collect::<Vec<_>>());
    assert!(members.iter().all(|member| !member.server));
    drop(nameless);
    await_members(&server, 1);
    assert_eq!(client.who(PATIENCE).unwrap().len(), 1);
}

#[test]
fn more_than_one_answer_has_room_for_are_told_as_one() {
    let mut options = options();
    // Four members an answer.
    (options.framing, options.message_limit) = (Framing::U32Be, 2048);
    let server = ChatServer::start(options).unwrap();
    let others: Vec<_> = (0..10).map(|_| ObjectPeer::join(&server)).collect();
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    await_members(&server, others.len() + 1);
    let all: Vec<_> = server.members().iter().map(|member| member.id()).collect();
    for _ in 0..3 {
        assert_eq!(ids(&client.who(PATIENCE).unwrap()), all);
    }
}

#[test]
fn several_may_ask_at_the_same_time_and_messages_go_on() {
    let server = start(Framing::U32Be);
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).for_each(|_| assert_eq!(client.who(PATIENCE).unwrap().len(), 1)));
        }
        for number in 0..100 {
            client.send(&number.to_string(), PATIENCE).unwrap();
            assert_eq!(client.recv(PATIENCE).unwrap().text, number.to_string());
        }
    });
}

#[test]
fn line_chat_says_where_it_is_to_be_asked() {
    let server = start(Framing::Line);
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    let error = client.who(PATIENCE).unwrap_err();
    assert_eq!(error.status(), Status::NotSupported);
    assert!(error.message().contains("message chat"), "{error}");
}

#[test]
fn a_question_is_asked_and_answered_without_waiting() {
    let server = start(Framing::U32Be);
    let client = ChatClient::connect(&member_of(&server), PATIENCE).unwrap();
    let question = client.question_who().unwrap();
    assert_eq!(question.take().unwrap(), None);
    assert_eq!(question.offer().unwrap(), Some(0));
    eventually("an answer", || match question.take().unwrap() {
        None => false,
        Some(answer) => {
            assert!(matches!(answer, ClientAnswer::Who(members) if members.len() == 1));
            true
        }
    });
    assert_eq!(question.take().unwrap_err().status(), Status::Closed);
}

#[test]
fn the_handler_cannot_wait_for_what_it_would_have_to_hear_itself() {
    let server = start(Framing::U32Be);
    let (give, take) = mpsc::channel::<ChatClient>();
    let (told, tells) = mpsc::channel();
    let client = ChatClient::connect_with(&member_of(&server), PATIENCE, move |_| {
        if let Ok(client) = take.recv_timeout(PATIENCE) {
            told.send(client.who(PATIENCE).map_err(|error| error.status())).unwrap();
        }
    });
    let client = client.unwrap();
    give.send(client.clone()).unwrap();
    assert_eq!(tells.recv_timeout(PATIENCE).unwrap().unwrap_err(), Status::WouldDeadlock);
    drop(give);
    assert_eq!(client.who(PATIENCE).unwrap().len(), 1);
}

#[test]
fn a_server_that_goes_away_leaves_nobody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = ClientOptions::new(Endpoint::tcp("127.0.0.1", listener.local_addr().unwrap().port()));
    options.framing = Framing::U32Be;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let welcome = json!({"type": "welcome", "you": {"id": 1}, "limit": 65536}).to_string();
    stream.write_all(&rustchat::frame::encode(Framing::U32Be, welcome.as_bytes()).unwrap()).unwrap();
    assert_eq!(client.who(Duration::from_millis(20)).unwrap_err().status(), Status::TimedOut);
    thread::scope(|scope| {
        let asking = scope.spawn(|| client.who(PATIENCE));
        // Both questions have come.
        let (mut reader, mut asked) = (BufReader::new(stream), Vec::new());
        for _ in 0..2 {
            reader.read_until(b'}', &mut asked).unwrap();
        }
        drop(reader);
        assert!(matches!(asking.join().unwrap().unwrap_err().status(), Status::Closed | Status::ConnectionReset));
    });
    assert_eq!(client.who(PATIENCE).unwrap_err().status(), Status::Closed);
}

#[test]
fn a_client_that_is_away_says_so_and_asks_again_when_it_is_back() {
    let place = Place::new();
    let server = place.start(Framing::U32Be);
    let client = place.join(Framing::U32Be);
    assert_eq!(client.who(PATIENCE).unwrap().len(), 1);
    server.stop(PATIENCE).unwrap();
    until(&client, Disconnected);
    let server = place.start(Framing::U32Be);
    await_members(&server, 1);
    eventually("it is back", || !client.is_reconnecting());
    assert_eq!(client.who(PATIENCE).unwrap().len(), 1);
    client.stop(PATIENCE).unwrap();

    let mut options = place.options(Framing::U32Be);
    options.reconnect = Some(slow());
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(&server, 1);
    server.stop(PATIENCE).unwrap();
    until(&client, Disconnected);
    let away =
        Error::new(Status::ConnectionReset, "there is no connection to ask on; the client is about to come back");
    assert_eq!(client.who(PATIENCE).unwrap_err(), away);
    client.close();
    assert_eq!(client.who(PATIENCE).unwrap_err().status(), Status::Closed);
}

#[test]
fn an_answer_behind_events_that_nobody_takes_is_not_waited_for() {
    let server = start(Framing::U32Be);
    let mut options = member_of(&server);
    options.event_limit = 3;
    let client = ChatClient::connect(&options, PATIENCE).unwrap();
    await_members(&server, 1);
    thread::scope(|scope| {
        // Whether the events are there already or come before the answer.
        let asking = scope.spawn(|| {
            loop {
                if let Err(error) = client.who(PATIENCE) {
                    break error;
                }
            }
        });
        for _ in 0..10 {
            server.broadcast("unread").unwrap();
        }
        assert_eq!(asking.join().unwrap().status(), Status::Overflow);
    });
    assert_eq!(client.who(PATIENCE).unwrap_err().status(), Status::Overflow);
    assert_eq!(client.rename(Some("ann"), PATIENCE).unwrap_err().status(), Status::Overflow);
    (0..10).for_each(|_| assert_eq!(client.recv(PATIENCE).unwrap().text, "unread"));
    let present = client.who(PATIENCE).unwrap();
    assert_eq!(present.iter().map(|member| &member.name).collect::<Vec<_>>(), [&None], "what is refused was not asked");
}

#[test]
fn answers_have_the_numbers_of_their_questions() {
    let server = start(Framing::U32Be);
    let mut ann = ObjectPeer::join(&server);
    for number in [7, 0, u64::MAX] {
        ann.send(&json!({"type": "who", "ref": number}));
        let presence = ann.hear();
        assert_eq!((&presence["type"], &presence["ref"]), (&json!("presence"), &json!(number)));
    }
    ann.send(&json!({"type": "who"}));
    assert!(ann.hear().get("ref").is_none());
}
