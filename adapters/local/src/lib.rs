//! Peer-to-peer video between browsers, introduced by the server itself.
