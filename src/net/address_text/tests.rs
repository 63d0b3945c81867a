use super::*;

#[test]
fn what_is_printed_parses_to_the_same_endpoint() {
    for text in
        ["127.0.0.1:60000", "[::1]:60000", "localhost:0", "/tmp/a b.sock", ":60000", "[fe80::1%lo]:7", "[::1%4]:5"]
    {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!(endpoint.to_string(), text);
    }
    let name: Endpoint = "unix:name".parse().unwrap();
    assert_eq!((&name, name.to_string().as_str()), (&Endpoint::unix("name"), "./name"));
}

#[test]
fn a_relative_path_is_a_path() {
    for text in ["./room", "room.sock", "room.socket", "../a/room", "dir/room"] {
        assert_eq!(text.parse::<Endpoint>().unwrap(), Endpoint::unix(text));
        assert_eq!(Endpoint::with_port(text, None, 1).unwrap(), Endpoint::unix(text));
        assert_eq!(Endpoint::with_port(text, Some(2), 1).unwrap(), Endpoint::unix(text));
    }
    assert!(".sock".parse::<Endpoint>().is_err());
}

#[test]
fn a_host_may_have_a_port_of_its_own() {
    for (text, host, port) in [
        ("127.0.0.1", "127.0.0.1", 1),
        ("127.0.0.1:60000", "127.0.0.1", 60000),
        ("localhost:0", "localhost", 0),
        ("::1", "::1", 1),
        ("::1:80", "::1:80", 1),
        ("[::1]", "::1", 1),
        ("[::1]:0", "::1", 0),
        ("[fe80::1%lo]:7", "fe80::1%lo", 7),
        ("fe80::1%lo", "fe80::1%lo", 1),
        (":60000", "", 60000),
        ("", "", 1),
    ] {
        assert_eq!(Endpoint::with_port(text, None, 1).unwrap(), Endpoint::tcp(host, port), "{text}");
    }
    assert_eq!(Endpoint::with_port("[::1]", Some(5), 1).unwrap(), Endpoint::tcp("::1", 5));
    assert_eq!(Endpoint::with_port("h:5", Some(5), 1).unwrap(), Endpoint::tcp("h", 5));
    let error = Endpoint::with_port("h:5", Some(6), 1).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("port is 6"), "{error}");
}

#[test]
fn a_wrong_address_says_what_was_wrong_and_what_was_expected() {
    for (text, wrong) in [
        ("127.0.0.1", "no port"),
        ("rel", "no port"),
        ("[::1]", "no port"),
        ("127.0.0.1:65536", "0 to 65535"),
        ("127.0.0.1:x", "0 to 65535"),
        ("127.0.0.1:", "0 to 65535"),
        ("::1:80", "brackets"),
        ("1:2:3", "brackets"),
        ("[::1:80", "not closed"),
        ("[::1]80", "follows"),
        ("[host]:80", "IPv6"),
        ("[::1%]:80", "IPv6"),
        ("[host%eth0]:80", "IPv6"),
        ("fe80::1%eth0:80", "brackets"),
    ] {
        let error = text.parse::<Endpoint>().unwrap_err();
        assert_eq!(error.status(), Status::InvalidAddress);
        assert!(error.message().contains(wrong) && error.message().contains("host:port"), "{error}");
    }
}
