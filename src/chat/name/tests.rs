use super::*;

fn is_same(one: &str, other: &str) -> bool {
    let keys = keys(one);
    self::keys(other).iter().any(|key| keys.contains(key))
}

#[test]
fn names_that_people_have_are_names() {
    for good in [
        "ann",
        "老王",
        "Anne-Marie",
        "O'Neill",
        "Ольга",
        "Ζωή",
        "محمد",
        "🦀",
        "❤\u{fe0f}",
        "R2D2",
        "hi:lo",
        "AC/DC",
        "Dr. No",
        "observer",
        "Unixfan",
        "1984",
        "3.14",
        "ann@home",
        "a",
        "x y z",
        "2026-11-25",
        "l o l",
        "田中さん",
        "ﬁona",
    ] {
        assert_eq!(check(good).map_err(|error| error.to_string()), Ok(()), "{good:?}");
    }
}

#[test]
fn a_name_is_short_and_visible() {
    let long = "x".repeat(33);
    for bad in [
        "",
        " a",
        "a ",
        "a\u{7}b",
        "a\u{200b}",
        "\u{202e}ab",
        "\u{2800}",
        "\u{3164}",
        "\u{fe0f}",
        "\u{e0020}",
        "a\u{3000}",
        &long,
    ] {
        let error = check(bad).expect_err(bad);
        assert_eq!(error.status(), Status::InvalidText);
    }
}

#[test]
fn nobody_is_called_as_the_server_or_as_an_address() {
    for bad in [
        "server",
        "Server",
        "SERVER",
        "ｓｅｒｖｅｒ",
        "sеrvеr",
        "ѕerver",
        "𝓼𝓮𝓻𝓿𝓮𝓻",
        "ser ver",
        "[server]",
        "s-e-r-v-e-r",
        "sérver",
        "server!",
        "ser\u{fe0f}ver",
        "SЕRVЕR",
        "unix",
        "Unix",
        "localhost",
        "127.0.0.1:60000",
        "127.0.0.1",
        "0.0.0.0:60000",
        "l27.O.O.l:6OOOO",
        "１２７.０.０.１:６００００",
        "127.0.0.1：60000",
        "127。0。0。1",
        "127.0.0.1 :60000",
        "(127.0.0.1:60000)",
        "127.0.0.1:60000 ann",
        "ann 127.0.0.1:60000",
        "I27.0.0.1",
        "१२७.०.०.१",
        "127.0.0.1∶60000",
        "[::1]:60000",
        "::1",
        "::l",
        "fe80::1%eth0",
        "[fe80::1]",
        "2001:db8::1",
        "localhost:60000",
        "example.org:80",
        "хост:60000",
        "/run/chat.sock",
        "./chat.sock",
        "⁄run",
        "* server",
        "*ann",
        "＊ ann",
        "∗ ann",
    ] {
        assert!(check(bad).is_err(), "{bad:?} passes, looks {:?}", keys(bad));
    }
}

#[test]
fn names_that_look_alike_are_the_same() {
    for (one, other) in [
        ("Admin", "admin"),
        ("ＡＤＭＩＮ", "admin"),
        ("аdmin", "admin"),
        ("АDМIN", "admin"),
        ("Ivan", "ivan"),
        ("Ivan", "lvan"),
        ("0liver", "Oliver"),
        ("0liver", "oliver"),
        ("mary", "rnary"),
        ("Mary", "rnary"),
        ("STRASSE", "straße"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("é", "e\u{301}"),
        ("ﬁona", "Fiona"),
        ("ann lee", "ann\u{a0}lee"),
        ("ann lee", "ann  lee"),
        ("❤", "❤\u{fe0f}"),
        ("ann", "a\u{fe0f}nn"),
        ("𝐚𝐧𝐧", "Ann"),
        ("раураl", "paypal"),
        ("Ⅷ", "VIII"),
    ] {
        assert!(is_same(one, other), "{one} {:?}, {other} {:?}", keys(one), keys(other));
    }
    for (one, other) in
        [("ann", "anne"), ("王", "玉"), ("ann", "ánn"), ("ivan", "lvan"), ("ann", "ännchen"), ("b", "6")]
    {
        assert!(!is_same(one, other), "{one} {:?}, {other} {:?}", keys(one), keys(other));
    }
}
