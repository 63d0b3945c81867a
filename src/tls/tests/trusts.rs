use rcgen::date_time_ymd;

use super::*;
use crate::tls::{Pin, Trust};

/// The first failure of a handshake between the two, the client's if it is its own.
fn meet(server: &ServerTls, client: &ClientTls) -> (Result<()>, Result<()>) {
    let mut pair = Pair::new(server, client);
    let (mut of_client, mut of_server) = (Ok(()), Ok(()));
    for _ in 0..4 {
        let wire = owed(&mut pair.client);
        of_server = pair.server.receive(&wire, &mut pair.heard_by_server);
        let wire = owed(&mut pair.server);
        of_client = of_client.and(pair.client.receive(&wire, &mut pair.heard_by_client));
    }
    (of_client, of_server)
}

fn trusting(trust: Trust) -> ClientTls {
    Tls::new().with_trust(trust).client(false).unwrap()
}

fn serving(certificate: Certificate) -> ServerTls {
    Tls::new().with_certificate(certificate).server(false).unwrap()
}

#[test]
fn roots_vouch_for_name_and_date() {
    let authority = Authority::new();
    let client = trusting(Trust::Roots(authority.pem()));
    let good = certificate(&authority.issue(&local()));
    assert_eq!(meet(&serving(good.clone()), &client), (Ok(()), Ok(())));
    let mut params = CertificateParams::new(vec!["elsewhere.example".to_owned()]).unwrap();
    let elsewhere = certificate(&authority.issue(&params));
    let (error, told) = meet(&serving(elsewhere.clone()), &client);
    assert_says(&error.unwrap_err(), Status::AuthenticationFailed, "another name");
    assert_says(&told.unwrap_err(), Status::AuthenticationFailed, "does not trust this certificate");
    let named = Tls::new().with_trust(Trust::Roots(authority.pem())).with_server_name("elsewhere.example");
    assert_eq!(meet(&serving(elsewhere), &named.client(false).unwrap()), (Ok(()), Ok(())));
    let (error, _) = meet(&serving(good.clone()), &trusting(Trust::Roots(Authority::new().pem())));
    assert_says(&error.unwrap_err(), Status::AuthenticationFailed, "vouched for by nobody");
    params = local();
    params.not_before = date_time_ymd(3000, 1, 1);
    let (error, _) = meet(&serving(certificate(&authority.issue(&params))), &client);
    assert_says(&error.unwrap_err(), Status::AuthenticationFailed, "not valid yet");
    // A certificate that a server makes for itself is nothing to roots.
    let (error, _) = meet(&Tls::new().server(true).unwrap(), &client);
    assert_says(&error.unwrap_err(), Status::AuthenticationFailed, "certificate");
}

#[test]
fn a_pin_is_the_key_whatever_the_certificate_says() {
    let authority = Authority::new();
    let elsewhere = CertificateParams::new(vec!["elsewhere.example".to_owned()]).unwrap();
    let own = certificate(&authority.issue(&elsewhere));
    let other = Pin([7; 32]);
    assert_eq!(meet(&serving(own.clone()), &trusting(Trust::Pins(vec![other, own.pin()]))), (Ok(()), Ok(())));
    let (error, _) = meet(&serving(own.clone()), &trusting(Trust::Pins(vec![other])));
    assert_says(&error.unwrap_err(), Status::AuthenticationFailed, &own.pin().to_string());
    let made = Tls::new().server(true).unwrap();
    assert_eq!(meet(&made, &trusting(Trust::Pins(vec![made.pin()]))), (Ok(()), Ok(())));
}

#[test]
fn a_certificate_is_replaced_for_who_comes_later() {
    let authority = Authority::new();
    let [old, new] = [(); 2].map(|()| certificate(&authority.issue(&local())));
    let server = serving(old.clone());
    let mut early = Pair::new(&server, &trusting(Trust::Pins(vec![old.pin()])));
    server.replace_certificate(&new).unwrap();
    early.settle(|_| usize::MAX).unwrap();
    assert!(early.client.is_secured());
    assert_eq!(server.pin(), new.pin());
    assert_eq!(meet(&server, &trusting(Trust::Pins(vec![new.pin()]))), (Ok(()), Ok(())));
}

#[test]
fn a_chain_without_an_end_is_not_read_to_the_end() {
    let authority = Authority::new();
    let (own, key) = authority.issue(&local());
    let chain = own + &String::from_utf8(authority.pem()).unwrap().repeat(100);
    let (error, _) = meet(&serving(certificate(&(chain, key))), &trusting(Trust::Roots(authority.pem())));
    assert_says(&error.unwrap_err(), Status::ProtocolViolation, "32768 bytes");
}

#[test]
fn what_does_not_make_sense_is_refused_with_a_sentence() {
    let says = |result: Result<()>, words: &str| assert_says(&result.unwrap_err(), Status::InvalidArgument, words);
    says(Tls::new().server(false).map(drop), "nobody could verify");
    says(Tls::new().with_trust(Trust::Secret).client(false).map(drop), "secret");
    says(Tls::new().with_trust(Trust::Pins(Vec::new())).client(false).map(drop), "no pin");
    says(Tls::new().with_trust(Trust::Roots(b"nothing".to_vec())).client(false).map(drop), "no certificate");
    says(Tls::new().with_server_name("no name").client(true).map(drop), "\"no name\"");
    let roots = trusting(Trust::Roots(Authority::new().pem()));
    says(roots.begin("/tmp/socket").map(drop), "server_name");
    assert!(Tls::new().client(true).unwrap().begin("/tmp/socket").is_ok(), "a secret has no need of names");
}

#[test]
fn a_certificate_that_is_no_good_is_refused_when_it_is_read() {
    let authority = Authority::new();
    let (chain, key) = authority.issue(&local());
    let says = |chain: &str, key: &str, words: &str| {
        let error = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert_says(&error, Status::InvalidArgument, words);
    };
    says("", &key, "no certificate in the PEM");
    says(&key, &key, "no certificate in the PEM");
    says(&chain, &chain, "no private key");
    says(&chain, &authority.issue(&local()).1, "not the certificate's");
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    says(&chain, &encrypted, "encrypted");
    says(
        "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
        &key,
        "cannot be read: a section is no base64",
    );
    says("-----BEGIN CERTIFICATE-----\nAAAA\n", &key, "cannot be read: a section has no end");
    says("-----BEGIN CERTIFICATE\n", &key, "cannot be read: a section has no beginning");
    let mut params = local();
    (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 2, 3));
    let (chain, key) = authority.issue(&params);
    says(&chain, &key, "valid until 2001-02-03");
    let debug = format!("{:?}", certificate(&authority.issue(&local())));
    assert!(debug.starts_with("Certificate { pin: Pin("), "{debug}");
}
