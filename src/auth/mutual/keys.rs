//! From a secret and two hellos to the keys and proofs of one session.

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::auth::mac;

/// The wire bytes both sides have seen, in one hash.
pub(super) type Transcript = [u8; mac::LENGTH];

/// `client_hello` and `server_hello` are whole frames: the length before each is part of the hash.
pub(super) fn transcript(client_hello: &[u8], server_hello: &[u8], binding: &[u8]) -> Transcript {
    Sha256::new()
        .chain_update(b"rustchat mutual v1 transcript")
        .chain_update(client_hello)
        .chain_update(server_hello)
        .chain_update((binding.len() as u32).to_be_bytes())
        .chain_update(binding)
        .finalize()
        .into()
}

/// The keys of one session. They differ by role, so that no proof of one side passes for the other's.
pub(super) struct Keys {
    transcript: Transcript,
    client: Zeroizing<[u8; mac::LENGTH]>,
    server: Zeroizing<[u8; mac::LENGTH]>,
    pub(super) session: Zeroizing<[u8; mac::LENGTH]>,
}

impl Keys {
    pub(super) fn derive(
        secret: &[u8],
        client_nonce: &[u8; mac::LENGTH],
        server_nonce: &[u8; mac::LENGTH],
        transcript: Transcript,
    ) -> Keys {
        let salt = [client_nonce.as_slice(), server_nonce].concat();
        let (mut prk, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), secret);
        prk.as_mut_slice().zeroize();
        let expand = |label: &str| {
            let mut key = Zeroizing::new([0; mac::LENGTH]);
            hkdf.expand_multi_info(&[label.as_bytes(), &transcript], &mut *key).expect("32 bytes are one block");
            key
        };
        Keys {
            client: expand("rustchat mutual v1 client proof"),
            server: expand("rustchat mutual v1 server proof"),
            session: expand("rustchat mutual v1 session"),
            transcript,
        }
    }

    pub(super) fn client_proof(&self) -> [u8; mac::LENGTH] {
        mac::hmac_sha256(&*self.client, &[&self.transcript])
    }

    pub(super) fn server_proof(&self, client_proof: &[u8; mac::LENGTH]) -> [u8; mac::LENGTH] {
        mac::hmac_sha256(&*self.server, &[&self.transcript, client_proof])
    }
}

#[cfg(test)]
mod tests {
    use super::super::hello::{ClientHello, ServerHello};
    use super::*;

    /// Transcript, both proofs and session key in hex digits, for fixed hellos.
    fn derived(kind: u8, binding: &[u8]) -> [String; 4] {
        let (client_nonce, server_nonce) = (std::array::from_fn(|i| i as u8), std::array::from_fn(|i| i as u8 + 32));
        let client = ClientHello { key_id: "alice".into(), features: 0, nonce: client_nonce }.encode();
        let server = ServerHello { server_id: "home".into(), features: 0, binding: kind, nonce: server_nonce }.encode();
        let transcript = transcript(&client, &server, binding);
        let keys = Keys::derive(b"correct horse battery staple", &client_nonce, &server_nonce, transcript);
        let client_proof = keys.client_proof();
        let server_proof = keys.server_proof(&client_proof);
        [transcript, client_proof, server_proof, *keys.session].map(|bytes| mac::hex(&bytes))
    }

    #[test]
    fn the_derivation_gives_the_values_computed_elsewhere() {
        assert_eq!(
            derived(0, b""),
            [
                "74c9358979b6af19c5f57c14fe4c5af3d3e11850e24094383a6fe280e4cbdcb4",
                "9c4e66405b4e3793404a561d81b08b9f099f635010bafce26d2821fbfab29c9f",
                "6d0ec2c1c89b16b29d269d92de4660ed6ddadca05fe8ebe0fcea48bacfa6428c",
                "6bc861430a87d6cb8aaa6680f40a999eb2897f10de728a3288505cd61f1de183",
            ]
        );
        assert_eq!(
            derived(1, &[0xab; 32]),
            [
                "952858c2937d1900df86dffc47a960349ec00151e617967a2deda102519c95a6",
                "60fbb3e0d931eef2cb37e1cc7d5e59c43f6d0c08483d7b5e825447717f81a4e0",
                "a80c957ba71ff213db6aa52170d368e99c408e49d0467acc515f2fa7ee971d65",
                "185b1f95031bf1d0e0df19d946f55b39201977f8e41943830da27d99c7e4d4f2",
            ]
        );
    }
}
