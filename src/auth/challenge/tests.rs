use super::*;

const SECRET: &[u8] = b"correct horse battery staple";

/// The challenge of the fixed values.
fn counting() -> [u8; LENGTH] {
    std::array::from_fn(|index| index as u8)
}

#[test]
fn responses_are_the_values_computed_elsewhere() {
    let hex = |bytes: &[u8]| mac::hex(bytes);
    assert_eq!(
        hex(&respond(SECRET, &counting(), b"label")),
        "4791f29a509826ff479fd7705def3b6beb32369f3b81f3dd42ca84c8a941b896"
    );
    assert_eq!(tutorial_response(Digest::Md5, SECRET, &counting()), "1aecf57ff8c07b92e98f97129f7d603d");
    assert_eq!(
        tutorial_response(Digest::Sha256, SECRET, &counting()),
        "56b06bb5232be4a6d34999fc2225c6fa8e85259a45d586e0fb9465171fb34a74"
    );
}

#[test]
fn a_response_fits_one_secret_one_challenge_and_one_label() {
    let (challenge, other) = (challenge().unwrap(), challenge().unwrap());
    let tag = respond(SECRET, &challenge, b"client");
    assert_eq!(verify(SECRET, &challenge, b"client", &tag), Ok(()));
    let refused = Err(Error::from(Status::AuthenticationFailed));
    assert_eq!(verify(b"wrong", &challenge, b"client", &tag), refused);
    assert_eq!(verify(SECRET, &other, b"client", &tag), refused);
    assert_eq!(verify(SECRET, &challenge, b"server", &tag), refused);
    assert_eq!(verify(SECRET, &challenge, b"client", &tag[..31]), refused);
    assert_eq!(verify(SECRET, &challenge, b"client", b""), refused);
    assert_eq!(verify(b"", &challenge, b"client", &tag).unwrap_err().status(), Status::InvalidArgument);
}

#[test]
fn a_tutorial_response_is_checked_to_the_letter() {
    let text = tutorial_response(Digest::Sha256, SECRET, &counting());
    let check = |text: &str| tutorial_verify(Digest::Sha256, SECRET, &counting(), text.as_bytes()).is_ok();
    assert!(check(&text));
    assert!(!check(&text.to_uppercase()) && !check(&text[1..]) && !check(""));
    assert!(tutorial_verify(Digest::Md5, SECRET, &counting(), text.as_bytes()).is_err());
}
