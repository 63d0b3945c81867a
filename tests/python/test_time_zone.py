"""The zone of the stamps in line chat."""

import datetime

import pytest
import rustchat


def hours_from_utc(peers, server):
    """How far the stamp of a line is from the time in UTC."""
    peer = peers(server)
    peer.say("x")
    stamp, _text = peer.hear()
    stamp = datetime.datetime.strptime(stamp[:19], "%Y/%m/%d %H:%M:%S").replace(tzinfo=datetime.UTC)
    return round((stamp - datetime.datetime.now(datetime.UTC)).total_seconds() / 3600)


@pytest.mark.parametrize(("zone", "hours"), [("<+08>-8", 8), ("EST5", -5), ("", 0), ("no such zone", 0)])
def test_it_is_that_of_the_program_as_it_is_when_the_server_starts(monkeypatch, peers, zone, hours):
    monkeypatch.setenv("TZ", zone)
    with rustchat.ChatServer(port=0) as server:
        assert hours_from_utc(peers, server) == hours


def test_each_server_has_the_zone_of_its_start(monkeypatch, peers):
    monkeypatch.setenv("TZ", "<+08>-8")
    with rustchat.ChatServer(port=0) as east:
        monkeypatch.setenv("TZ", "EST5")
        with rustchat.ChatServer(port=0) as west:
            assert (hours_from_utc(peers, east), hours_from_utc(peers, west)) == (8, -5)


def test_a_variable_that_is_no_text_is_no_zone(monkeypatch, peers, tmp_path):
    monkeypatch.setenv("TZ", "\udcff")
    with rustchat.ChatServer(port=0) as server:
        assert abs(hours_from_utc(peers, server)) <= 14
