//! Which handshake, by name.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Status};

/// The hash function inside the HMAC of [`Profile::Tutorial`] and [`Profile::Multiprocessing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digest {
    /// MD5 (RFC 1321), for scripts and interpreters of that age. Never chosen unless named.
    Md5,
    /// SHA-256 (FIPS 180-4).
    Sha256,
}

impl Digest {
    /// The name in options, the same as in Python's `hashlib`.
    pub const fn name(self) -> &'static str {
        match self {
            Digest::Md5 => "md5",
            Digest::Sha256 => "sha256",
        }
    }

    /// How many hex digits an HMAC of it has.
    pub const fn hex_length(self) -> usize {
        match self {
            Digest::Md5 => 32,
            Digest::Sha256 => 64,
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// Takes `md5` and `sha256`.
    ///
    /// # Errors
    /// `InvalidArgument` for any other text; the sentence lists the names.
    fn from_str(text: &str) -> Result<Digest, Error> {
        match text {
            "md5" => Ok(Digest::Md5),
            "sha256" => Ok(Digest::Sha256),
            _ => Err(unknown("digest", text, "md5, sha256")),
        }
    }
}

/// Which handshake both sides agreed on beforehand. It is never negotiated, so that nobody between
/// them can talk them into a weaker one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// Both sides prove that they hold the secret; see [`super::mutual`].
    Mutual,
    /// The client answers the server's challenge in hex digits; see [`super::tutorial`].
    Tutorial(Digest),
    /// Both sides answer a challenge, as Python's `multiprocessing.connection` does; see
    /// [`super::multiprocessing`]. With [`Digest::Sha256`] the peer must be Python 3.12 or newer; with
    /// [`Digest::Md5`] it may be an older one, which knows nothing better, as well.
    Multiprocessing(Digest),
}

impl Profile {
    /// Every name, in the order in which help texts list them. Without a digest it is SHA-256.
    pub const NAMES: [(&'static str, Profile); 7] = [
        ("mutual", Profile::Mutual),
        ("tutorial", Profile::Tutorial(Digest::Sha256)),
        ("tutorial:md5", Profile::Tutorial(Digest::Md5)),
        ("tutorial:sha256", Profile::Tutorial(Digest::Sha256)),
        ("multiprocessing", Profile::Multiprocessing(Digest::Sha256)),
        ("multiprocessing:md5", Profile::Multiprocessing(Digest::Md5)),
        ("multiprocessing:sha256", Profile::Multiprocessing(Digest::Sha256)),
    ];
}

impl fmt::Display for Profile {
    /// The last of its names, which leaves nothing out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Profile::NAMES.iter().rfind(|(_, profile)| profile == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Profile {
    type Err = Error;

    /// Takes the names of [`Profile::NAMES`].
    ///
    /// # Errors
    /// `InvalidArgument` for any other text; the sentence lists the names.
    fn from_str(text: &str) -> Result<Profile, Error> {
        let known = Profile::NAMES.into_iter().find(|(name, _)| *name == text);
        known
            .map(|(_, profile)| profile)
            .ok_or_else(|| unknown("authentication profile", text, &Profile::NAMES.map(|(name, _)| name).join(", ")))
    }
}

fn unknown(what: &str, text: &str, names: &str) -> Error {
    Error::new(Status::InvalidArgument, format!("unknown {what} {text:?}: expected one of {names}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_way_there_and_back() {
        let with = |digest| [Profile::Tutorial(digest), Profile::Multiprocessing(digest)];
        for profile in [Digest::Md5, Digest::Sha256].into_iter().flat_map(with).chain([Profile::Mutual]) {
            assert_eq!(profile.to_string().parse::<Profile>(), Ok(profile));
        }
        assert_eq!("tutorial".parse::<Profile>(), Ok(Profile::Tutorial(Digest::Sha256)));
        assert_eq!("multiprocessing".parse::<Profile>(), Ok(Profile::Multiprocessing(Digest::Sha256)));
        assert_eq!(Digest::Md5.to_string().parse::<Digest>(), Ok(Digest::Md5));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "tutorial:sha1".parse::<Profile>().unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        let names = "mutual, tutorial, tutorial:md5, tutorial:sha256, multiprocessing, multiprocessing:md5, multiprocessing:sha256";
        assert!(error.message().ends_with(names), "{error}");
    }
}
