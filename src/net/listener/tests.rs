use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

fn local() -> Listener {
    Listener::bind(&Endpoint::tcp("127.0.0.1", 0), &ListenOptions::default()).unwrap()
}

#[test]
fn closing_wakes_a_thread_that_accepts() {
    // Nobody else listens at this address, so that the port stays free once the listener is gone.
    let alone = Endpoint::tcp("127.0.0.77", 0);
    let listener = Arc::new(Listener::bind(&alone, &ListenOptions::default()).unwrap());
    let waiting = Arc::clone(&listener);
    let thread = thread::spawn(move || waiting.accept(PATIENCE).unwrap_err().status());
    listener.close();
    assert_eq!(thread.join().unwrap(), Status::Closed);
    let refused = Stream::connect(&listener.address().into(), PATIENCE).unwrap_err();
    assert_eq!(refused.status(), Status::ConnectionRefused);
    assert!(refused.message().contains("127.0.0.77"), "{refused}");
}

#[test]
fn who_borrows_a_listener_leaves_it_as_it_was() {
    let owner = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let borrower = Listener::borrow(owner.as_raw_fd()).unwrap();
    let endpoint = Endpoint::from(&Address::Ip(owner.local_addr().unwrap()));
    assert!(borrower.try_accept().unwrap().is_none(), "it does not wait");
    let _near = Stream::connect(&endpoint, PATIENCE).unwrap();
    let far = Socket::from(borrower.accept(PATIENCE).unwrap().into_fd());
    assert!(!far.tcp_nodelay().unwrap(), "connections have the options that their owner gives them");
    drop(borrower);
    let _later = Stream::connect(&endpoint, PATIENCE).unwrap();
    owner.set_nonblocking(false).unwrap();
    owner.accept().unwrap();
    let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    assert_eq!(Listener::borrow(datagrams.as_raw_fd()).unwrap_err().status(), Status::InvalidArgument);
}

#[test]
fn who_adopts_a_listener_treats_its_connections_as_its_own() {
    let owner = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let adopted = Listener::adopt(owner.as_raw_fd()).unwrap().tuned(&ListenOptions::default());
    let _near = Stream::connect(&adopted.address().into(), PATIENCE).unwrap();
    let far = Socket::from(adopted.accept(PATIENCE).unwrap().into_fd());
    assert!(far.tcp_nodelay().unwrap());
    drop(adopted);
    assert!(Stream::connect(&Endpoint::from(&Address::Ip(owner.local_addr().unwrap())), PATIENCE).is_ok());
    let connected = far.as_raw_fd();
    assert_eq!(Listener::adopt(connected).unwrap_err().status(), Status::InvalidArgument);
}

#[test]
fn accepted_connections_are_tuned() {
    let options = ListenOptions { unsent_limit: Some(100_000), ..ListenOptions::default() };
    let listener = Listener::bind(&Endpoint::tcp("127.0.0.1", 0), &options).unwrap();
    let near = Stream::connect(&listener.address().into(), PATIENCE).unwrap();
    let far = Socket::from(listener.accept(PATIENCE).unwrap().into_fd());
    for socket in [&far, &Socket::from(near.into_fd())] {
        assert!(socket.tcp_nodelay().unwrap());
        assert!(socket.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(15));
    }
    #[cfg(target_os = "linux")]
    assert_eq!(far.tcp_notsent_lowat().unwrap(), 100_000);
}

#[test]
fn a_port_in_use_is_refused_with_its_address_though_reuse_is_on() {
    let first = local();
    let error = Listener::bind(&first.address().into(), &ListenOptions::default()).unwrap_err();
    assert_eq!(error.status(), Status::AddressInUse);
    assert!(error.message().contains(&first.address().to_string()), "{error}");
}

#[test]
fn a_socket_file_is_replaced_when_abandoned_and_kept_when_alive() {
    let directory = std::env::temp_dir().join(format!("rustchat-listener-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join("chat.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let endpoint = Endpoint::unix(&path);
    let listener = Listener::bind(&endpoint, &ListenOptions::default()).unwrap();
    let error = Listener::bind(&endpoint, &ListenOptions::default()).unwrap_err();
    assert_eq!(error.status(), Status::AddressInUse);
    let client = Stream::connect(&endpoint, PATIENCE).unwrap();
    assert!(listener.accept(PATIENCE).unwrap().peer().is_local());
    drop(client);
    drop(listener);
    assert!(!path.exists());
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn accept_ends_at_its_deadline() {
    assert_eq!(local().accept(Duration::ZERO).unwrap_err().status(), Status::TimedOut);
}
