//! Challenges and their answers, in both generations.

use crate::Result;
use crate::auth::machine::Refusal;
use crate::auth::{Digest, Secret, mac};

/// What the newer generation writes before challenges and answers.
const SHA256: &[u8; 8] = b"{sha256}";

/// How many random bytes rustchat asks to be answered: as many as Python.
const RANDOM: usize = 40;

/// How many of a client's are really random; the others are the mark.
const NONCE: usize = 24;

/// How many bytes the older generation asks to be answered, and how many at least the newer one must.
const LEAST: usize = 20;

/// What one side asks the other to answer.
pub(super) struct Challenge([u8; SHA256.len() + RANDOM]);

impl Challenge {
    /// A server's.
    pub(super) fn plain() -> Result<Challenge> {
        Ok(Challenge::of(mac::random()?))
    }

    /// A client's, which no rustchat client with the same secret will answer.
    pub(super) fn marked(secret: &Secret) -> Result<Challenge> {
        let mut random: [u8; RANDOM] = mac::random()?;
        let (nonce, mark) = random.split_at_mut(NONCE);
        mark.copy_from_slice(&self::mark(secret, nonce));
        Ok(Challenge::of(random))
    }

    fn of(random: [u8; RANDOM]) -> Challenge {
        let mut challenge = [0; SHA256.len() + RANDOM];
        challenge[..SHA256.len()].copy_from_slice(SHA256);
        challenge[SHA256.len()..].copy_from_slice(&random);
        Challenge(challenge)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a client's challenge ends in.
fn mark(secret: &Secret, nonce: &[u8]) -> [u8; RANDOM - NONCE] {
    let whole = mac::hmac_sha256(secret.as_bytes(), &[b"rustchat multiprocessing client", nonce]);
    std::array::from_fn(|index| whole[index])
}

/// Whether a client with that secret has made this challenge.
pub(super) fn is_marked(asked: &[u8], secret: &Secret) -> bool {
    let random = asked.strip_prefix(SHA256).unwrap_or_default();
    random.len() == RANDOM && mac::equal(&mark(secret, &random[..NONCE]), &random[NONCE..])
}

/// The answer of that generation.
pub(super) fn answer(digest: Digest, secret: &Secret, asked: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha256 => [&SHA256[..], &mac::hmac_sha256(secret.as_bytes(), &[asked])].concat(),
        Digest::Md5 => mac::hmac_md5(secret.as_bytes(), asked).to_vec(),
    }
}

/// The generation of a peer: it shows in its first message and is the same in its second.
pub(super) struct Generation {
    weakest: Digest,
    seen: Option<Digest>,
}

impl Generation {
    pub(super) fn new(weakest: Digest) -> Generation {
        Generation { weakest, seen: None }
    }

    /// The digest by which this challenge is to be answered.
    pub(super) fn of_challenge(&mut self, asked: &[u8]) -> Result<Digest, Refusal> {
        match asked {
            _ if asked.len() == LEAST => self.settle(Digest::Md5),
            _ if asked.starts_with(SHA256) && asked.len() >= SHA256.len() + LEAST => self.settle(Digest::Sha256),
            _ => Err(Refusal::Ours),
        }
    }

    /// The digest by which this answer was made.
    pub(super) fn of_answer(&mut self, answer: &[u8]) -> Result<Digest, Refusal> {
        const WITH_PREFIX: usize = SHA256.len() + mac::LENGTH;
        match answer.len() {
            16 => self.settle(Digest::Md5),
            WITH_PREFIX if answer.starts_with(SHA256) => self.settle(Digest::Sha256),
            _ => Err(Refusal::Ours),
        }
    }

    fn settle(&mut self, digest: Digest) -> Result<Digest, Refusal> {
        let allowed = digest == Digest::Sha256 || self.weakest == Digest::Md5;
        if allowed && *self.seen.get_or_insert(digest) == digest { Ok(digest) } else { Err(Refusal::Ours) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_python() {
        let secret = Secret::new("correct horse battery staple").unwrap();
        let random = std::array::from_fn(|index| index as u8);
        let challenge = Challenge::of(random);
        let hex = |digest, asked: &[u8]| mac::hex(&answer(digest, &secret, asked));
        assert_eq!(
            hex(Digest::Sha256, challenge.as_bytes()),
            "7b7368613235367d74d01ec8709fc52d52af0d24817b0e54b9ad8326e04d6af1d492fc7b1342f455"
        );
        assert_eq!(hex(Digest::Md5, challenge.as_bytes()), "c5efd5b68521e7e301ad1ade729a8a6e");
        assert_eq!(hex(Digest::Md5, &random[..20]), "3077d31e8c6a01086f4ded9a044d275b");
    }

    #[test]
    fn only_who_made_a_clients_challenge_knows_it() {
        let (ours, other) = (Secret::new("ours").unwrap(), Secret::new("other").unwrap());
        let marked = Challenge::marked(&ours).unwrap();
        assert!(is_marked(marked.as_bytes(), &ours) && !is_marked(marked.as_bytes(), &other));
        assert!(!is_marked(Challenge::plain().unwrap().as_bytes(), &ours));
        assert!(!is_marked(&marked.as_bytes()[..47], &ours) && !is_marked(b"", &ours));
    }

    #[test]
    fn a_peer_is_of_one_generation() {
        let plain = Challenge::plain().unwrap();
        let (new, old) = (plain.as_bytes(), &[b'{'; 20][..]);
        for (first, second, fits) in [(new, new, true), (new, old, false), (old, old, true), (old, new, false)] {
            let mut both = Generation::new(Digest::Md5);
            assert!(both.of_challenge(first).is_ok());
            assert_eq!(both.of_challenge(second).is_ok(), fits);
        }
        let mut new_only = Generation::new(Digest::Sha256);
        assert!(new_only.of_challenge(old).is_err() && new_only.of_answer(&[0; 16]).is_err());
        assert!(new_only.of_challenge(new).is_ok());
    }
}
