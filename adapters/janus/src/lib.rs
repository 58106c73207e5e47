//! The video room of a self-hosted Janus behind the telehealth port.
