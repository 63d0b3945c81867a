//! How a table is written.

/// Makes a struct of options of its rows:
///
/// ```text
/// options! {
///     /// What the struct is for.
///     pub struct Fruit at "Where it grows.";     // an `endpoint` and `new`; without `at`, `Default`
///     rows {
///         /// One sentence or a few: the document of the field, and what the other faces say of it.
///         ///
///         /// What follows is for Rust alone.
///         ripeness: Seconds = 2.5, more than 0, or else "nobody could eat it";
///         size: Count = 8, at least 1, at most 20;
///         stones: Count = 0, zero is "as many as there are", keyword is "pips";
///     }
///     shared peeling;                            // the rows of the macro `peeling`, and a method of that name
/// }
/// ```
///
/// A row is `name: kind = default`, the kind one of those of [`Kind`](super::Kind). What may follow, each
/// after a comma: `more than 0`, `or else "…"` (with it), `at least 1`, `at most 20`, `zero is "…"` (its meaning), `keyword
/// is "…"` (Python's name for it), `not in Python`.
///
/// A set of rows that several tables share is a macro that hands them over, with the name of a struct for them alone:
///
/// ```text
/// macro_rules! peeling {
///     ($($for:tt)*) => { $crate::options::options! { @set peeling Peeling { ROWS } $($for)* } };
/// }
/// peeling! { @define }
/// ```
macro_rules! options {
    // Rows and sets are gathered one after the other; then there is a table.
    (@gather $head:tt { $($rows:tt)* } rows { $($more:tt)* } $($rest:tt)*) => {
        $crate::options::options! { @gather $head { $($rows)* $($more)* } $($rest)* }
    };
    (@gather { $name:ident $($head:tt)* } $rows:tt shared $set:ident; $($rest:tt)*) => {
        $set! { @copy $name }
        $set! { @add { $name $($head)* } $rows $($rest)* }
    };
    (@set $method:ident $set:ident { $($set_rows:tt)* } @add $head:tt { $($rows:tt)* } $($rest:tt)*) => {
        $crate::options::options! { @gather $head { $($rows)* $($set_rows)* } $($rest)* }
    };
    (@gather { $name:ident { $(#[doc = $about:literal])* } $(at $endpoint:literal)? } {$(
        $(#[doc = $doc:literal])*
        $row:ident: $kind:ident $(($type:ty))? = $default:expr $(, $a:ident $b:ident $c:tt)*;
    )*}) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub struct $name {
            $(
                #[doc = $endpoint]
                pub endpoint: $crate::net::Endpoint,
            )?
            $(
                $(#[doc = $doc])*
                #[doc = concat!(
                    "\n\nDefault `", stringify!($default), "`", $crate::options::options!(@unit $kind),
                    $($crate::options::options!(@words $a $b $c),)* "."
                )]
                pub $row: $crate::options::options!(@type $kind $(($type))?),
            )*
        }

        $crate::options::options! {
            @begin $name { $($endpoint)? } { $($row: $crate::options::options!(@value $kind $default),)* }
        }

        impl $name {
            /// What there is to set, but for the endpoint.
            pub fn rows() -> &'static [$crate::options::Row<$name>] {
                <$name as $crate::options::Table>::ROWS
            }
        }

        impl $crate::options::Table for $name {
            const ROWS: &'static [$crate::options::Row<$name>] = &[$({
                #[allow(unused_mut, reason = "some rows have nothing after their default")]
                let mut row = $crate::options::Row::new(
                    stringify!($row),
                    $crate::options::options!(@kind $kind $(($type))? $name $row),
                    concat!($($doc, "\n"),*),
                );
                $($crate::options::options!(@clause row $a $b $c);)*
                row
            }),*];

            fn initial() -> $name {
                $crate::options::options!(@initial $name $($endpoint)?)
            }
        }
    };

    // The rows of a set alone, and how a table that shares them gives them.
    (@set $method:ident $set:ident {$(
        $(#[doc = $doc:literal])*
        $row:ident: $kind:ident $(($type:ty))? = $default:expr $(, $a:ident $b:ident $c:tt)*;
    )*} @define) => {
        /// Options that several kinds of service share.
        #[derive(Debug, Clone)]
        pub(crate) struct $set {
            $(pub(crate) $row: $crate::options::options!(@type $kind $(($type))?),)*
        }
    };
    (@set $method:ident $set:ident {$(
        $(#[doc = $doc:literal])*
        $row:ident: $kind:ident $(($type:ty))? = $default:expr $(, $a:ident $b:ident $c:tt)*;
    )*} @copy $name:ident) => {
        impl $name {
            #[allow(dead_code, reason = "not every table is asked for every set that it shares")]
            pub(crate) fn $method(&self) -> $set {
                $set { $($row: self.$row.clone(),)* }
            }
        }
    };

    (@begin $name:ident {} $fields:tt) => {
        impl Default for $name {
            fn default() -> $name {
                $name $fields
            }
        }
    };
    (@begin $name:ident { $endpoint:literal } { $($fields:tt)* }) => {
        impl $name {
            /// The defaults, for a server at `endpoint`.
            pub fn new(endpoint: impl Into<$crate::net::Endpoint>) -> $name {
                $name { endpoint: endpoint.into(), $($fields)* }
            }
        }
    };
    (@initial $name:ident) => { $name::default() };
    (@initial $name:ident $endpoint:literal) => { $name::new($crate::net::Endpoint::tcp("127.0.0.1", 60000)) };

    (@type Flag) => { bool };
    (@type Switch) => { Option<bool> };
    (@type Count) => { usize };
    (@type Number) => { u32 };
    (@type Ceiling) => { Option<usize> };
    (@type Seconds) => { std::time::Duration };
    (@type Patience) => { std::time::Duration };
    (@type Text) => { Option<String> };
    (@type Group) => { Option<String> };
    (@type Mode) => { Option<u32> };
    (@type Rate) => { Option<$crate::peer::Rate> };
    (@type Framing) => { $crate::frame::Framing };
    (@type Choice ($type:ty)) => { $type };
    (@type ServerAuth) => { Option<$crate::auth::ServerAuth> };
    (@type ClientAuth) => { Option<$crate::auth::ClientAuth> };
    (@type Reconnect) => { Option<$crate::net::Backoff> };
    (@type Tls) => { Option<$crate::tls::Tls> };

    (@kind Choice ($type:ty) $name:ident $row:ident) => {
        $crate::options::Kind::Choice($crate::options::Choice {
            names: <$type as $crate::options::Named>::NAMES,
            get: |options: &$name| $crate::options::Named::index(options.$row),
            set: |options: &mut $name, index| options.$row = <$type as $crate::options::Named>::VALUES[index],
        })
    };
    (@kind $kind:ident $name:ident $row:ident) => {
        $crate::options::Kind::$kind(|options: &mut $name| &mut options.$row)
    };

    (@value Seconds $default:expr) => { std::time::Duration::from_secs_f64($default) };
    (@value Patience $default:expr) => { std::time::Duration::from_secs_f64($default) };
    (@value $kind:ident $default:expr) => { $default };

    (@unit Seconds) => { " s" };
    (@unit Patience) => { " s" };
    (@unit $kind:ident) => { "" };

    (@clause $to:ident more than 0) => { $to.more_than_zero = true };
    (@clause $to:ident or else $why:literal) => { $to.or_else = $why };
    (@clause $to:ident at least $bound:literal) => { $to.at_least = $bound };
    (@clause $to:ident at most $bound:literal) => { $to.at_most = $bound };
    (@clause $to:ident zero is $meaning:literal) => { $to.zero = Some($meaning) };
    (@clause $to:ident keyword is $keyword:literal) => { $to.keyword = Some($keyword) };
    (@clause $to:ident not in Python) => { $to.keyword = None };

    (@words or else $why:literal) => { "" };
    (@words zero is $meaning:literal) => { concat!("; 0 is ", $meaning) };
    (@words keyword is $keyword:literal) => { "" };
    (@words not in Python) => { "" };
    (@words $a:ident $b:ident $bound:literal) => {
        concat!(", ", stringify!($a), " ", stringify!($b), " ", stringify!($bound))
    };

    ($(#[doc = $about:literal])* pub struct $name:ident $(at $endpoint:literal)?; $($items:tt)*) => {
        $crate::options::options! { @gather { $name { $(#[doc = $about])* } $(at $endpoint)? } {} $($items)* }
    };
}
pub(crate) use options;
