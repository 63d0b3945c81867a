//! What `make races` tries: small programs of several threads, in every order of their steps, or very many.
//!
//! The locks, condition variables and atomics of [`crate::sync`] are places where the order may change; each test of what
//! is made of them lies beside it, in a module `races`. Parts that keep other atomics (`reactor/races`)
//! have tests in which the order may change wherever they say [`point`], and each call in between is one step.

/// Orders that are tried by going through them one after the other, and by drawing lots in either way.
const IN_TURN: usize = 20_000;
const DRAWN: usize = 10_000;

/// In how many places an order departs from what the priorities of its threads say: few faults need more.
const DEPARTURES: usize = 3;

/// Runs `program` in many orders. It panics where one of them is wrong, or where none of its threads can go on; with the
/// panic comes the order, for `shuttle::replay`.
pub(crate) fn explore(program: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_dfs(program.clone(), Some(IN_TURN));
    draw(program);
}

/// The same for programs in which a thread goes round until others are done: going through the orders in turn would never
/// let it stop.
pub(crate) fn draw(program: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_pct(program.clone(), DRAWN, DEPARTURES);
    shuttle::check_random(program, DRAWN);
}

/// Another thread may be next.
pub(crate) fn point() {
    shuttle::thread::yield_now();
}
