//! Options as rows: what they say is what is so.

use std::collections::BTreeSet;
use std::time::Duration;

use rustchat::chat::{ChatServer, ClientOptions, ServerOptions};
use rustchat::command::{CommandClientOptions, CommandServerOptions};
use rustchat::connection::{AcceptOptions, ConnectOptions, MessageListener};
use rustchat::net::Endpoint;
use rustchat::options::{Kind, Row, Table, Value};
use rustchat::transfer::{FileClientOptions, FileServerOptions};
use rustchat::{Error, Status};

fn row<O: Table>(name: &str) -> &'static Row<O> {
    O::ROWS.iter().find(|row| row.name == name).unwrap()
}

fn default_of<O: Table>(name: &str) -> Value {
    row::<O>(name).default()
}

fn error_of(change: impl FnOnce(&mut ServerOptions)) -> Error {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    change(&mut options);
    ChatServer::start(options).err().expect("the option is out of bounds")
}

fn names_are_unique_and_explained<O: Table>() {
    let names: BTreeSet<_> = O::ROWS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), O::ROWS.len());
    for row in O::ROWS {
        assert!(row.about().ends_with('.') && !row.about().contains('\n'), "{}: {}", row.name, row.about());
    }
}

#[test]
fn every_table_is_complete() {
    names_are_unique_and_explained::<ServerOptions>();
    names_are_unique_and_explained::<ClientOptions>();
    names_are_unique_and_explained::<ConnectOptions>();
    names_are_unique_and_explained::<AcceptOptions>();
    names_are_unique_and_explained::<CommandServerOptions>();
    names_are_unique_and_explained::<CommandClientOptions>();
    names_are_unique_and_explained::<FileServerOptions>();
    names_are_unique_and_explained::<FileClientOptions>();
}

#[test]
fn defaults_are_those_of_the_struct() {
    assert_eq!(default_of::<ServerOptions>("write_timeout"), Value::Seconds(Duration::from_secs(10)));
    assert_eq!(default_of::<ServerOptions>("polling"), Value::Seconds(Duration::from_micros(100)));
    assert_eq!(default_of::<ServerOptions>("backlog"), Value::Integer(4096));
    assert_eq!(default_of::<ServerOptions>("framing"), Value::Text("line".into()));
    assert_eq!(default_of::<ServerOptions>("filter_failure"), Value::Text("drop".into()));
    assert_eq!(default_of::<ServerOptions>("announce"), Value::Flag(false));
    assert_eq!(default_of::<ServerOptions>("members_per_ip"), Value::None);
    assert_eq!(default_of::<AcceptOptions>("framing"), Value::Text("u32be".into()));
    assert_eq!(default_of::<ClientOptions>("name"), Value::None);
    assert_eq!(default_of::<ConnectOptions>("timeout"), Value::Seconds(Duration::from_secs(10)));
}

#[test]
fn a_value_is_set_through_its_row() {
    let mut options = ServerOptions::new(Endpoint::tcp("127.0.0.1", 0));
    let Kind::Seconds(place) = &row("write_timeout").kind else { panic!("write_timeout is a time") };
    *place(&mut options) = Duration::from_secs(3);
    assert_eq!(options.write_timeout, Duration::from_secs(3));
}

#[test]
fn what_is_out_of_bounds_is_named_with_the_bound() {
    let said = |change: fn(&mut ServerOptions)| {
        let error = error_of(change);
        assert_eq!(error.status(), Status::InvalidArgument);
        error.message().to_owned()
    };
    let never_moves = "peers that never move would stay for ever";
    assert_eq!(said(|options| options.member_limit = 0), "member_limit is 0, expected at least 1");
    assert_eq!(said(|options| options.handshake_limit = 0), "handshake_limit is 0, expected at least 1");
    assert_eq!(said(|options| options.event_limit = 0), "event_limit is 0, expected at least 1");
    assert_eq!(said(|options| options.backlog = 0), "backlog is 0, expected at least 1");
    assert_eq!(said(|options| options.workers = 1025), "workers is 1025, expected 0 (one for each core) to 1024");
    assert_eq!(
        said(|options| options.write_timeout = Duration::ZERO),
        format!("write_timeout is 0, expected more: {never_moves}")
    );
    assert_eq!(
        said(|options| options.handshake_timeout = Duration::ZERO),
        format!("handshake_timeout is 0, expected more: {never_moves}")
    );
}

#[test]
fn what_listens_shares_the_bounds() {
    let mut options = AcceptOptions::default();
    options.backlog = 0;
    let error = MessageListener::bind(Endpoint::tcp("127.0.0.1", 0), options).err().unwrap();
    assert_eq!(error.message(), "backlog is 0, expected at least 1");
}
