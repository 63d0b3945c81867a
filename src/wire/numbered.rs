//! Enums whose numbers are those of the wire.

/// Defines an enum by the number and the words of each value.
macro_rules! numbered {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $number:ty {
            $($(#[doc = $doc:literal])* $value:ident = $code:literal, $words:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr($number)]
        pub enum $name {
            $($(#[doc = $doc])* $value = $code,)*
        }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: [$name; [$($code),*].len()] = [$($name::$value),*];

            /// The one of that number; `None` if this version knows none.
            pub fn from_code(code: $number) -> Option<$name> {
                match code {
                    $($code => Some($name::$value),)*
                    _ => None,
                }
            }

            /// Its number.
            pub fn code(self) -> $number {
                self as $number
            }

            /// A few words, as they stand in logs and errors.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$value => $words,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use numbered;
