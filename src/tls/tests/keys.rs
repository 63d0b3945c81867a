use super::*;
use crate::net::Place;

#[test]
fn each_end_knows_where_its_own_keys_lie() {
    let pairs = [Pair::secured(), Pair::secured()];
    let places = pairs.each_ref().map(|pair| [pair.server.keys_place(), pair.client.keys_place()]);
    let mut places = places.as_flattened().to_vec();
    places.push(Place::default());
    for (index, place) in places.iter().enumerate() {
        assert!(!places[..index].contains(place), "{places:?}");
        place.prefetch();
    }
}

#[test]
fn before_the_handshake_there_are_no_keys() {
    assert_eq!(Pair::by_secret().server.keys_place(), Place::default());
}
