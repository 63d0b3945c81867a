//! The functions of the C ABI and their structures, for the fuzz targets.

pub use super::auth::*;
pub use super::bytes::*;
pub use super::client::*;
pub use super::client_options::*;
pub use super::client_receive::*;
pub use super::connection::*;
pub use super::connection_many::*;
pub use super::connection_options::*;
pub use super::content::*;
pub use super::decoder::*;
pub use super::error::*;
pub use super::event::*;
pub use super::handshake::*;
pub use super::library::*;
pub use super::listener::*;
pub use super::message::*;
pub use super::peer_info::*;
pub use super::server::*;
pub use super::server_options::*;
pub use super::server_room::*;
pub use super::stats::*;
pub use super::status::*;
pub use super::tls::*;
pub use super::tls_options::*;
