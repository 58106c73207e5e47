//! A passkey as the site keeps it: a public key and what is known of the device that holds its other half.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{AuthenticationResult, Credential, Passkey as Inner};

/// A registered passkey. Holds nothing secret; silent in `Debug`, since its id follows a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passkey(pub(crate) Inner);

impl Passkey {
    /// Returns the id that its device gave it, in base64url.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.cred_id())
    }

    /// Returns the last signature counter; zero for the many devices that keep none.
    #[must_use]
    pub fn sign_count(&self) -> u32 {
        self.credential().counter
    }

    /// Tells whether its device may copy it to the person's other devices.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.credential().backup_eligible
    }

    /// Tells whether it is copied at present, so that a lost device does not lose it.
    #[must_use]
    pub fn is_backed_up(&self) -> bool {
        self.credential().backup_state
    }

    pub(crate) fn learn(&mut self, result: &AuthenticationResult) {
        self.0.update_credential(result);
    }

    fn credential(&self) -> Credential {
        self.0.clone().into()
    }
}

impl fmt::Debug for Passkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passkey(..)")
    }
}
