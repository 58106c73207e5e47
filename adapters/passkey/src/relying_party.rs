//! The relying party: this site, as devices know it, and the two steps of each ceremony.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::credential::Passkey;
use crate::error::{PasskeyError, refused};

/// As long as the policy lets a challenge wait.
const PATIENCE: Duration = Duration::from_secs(300);
/// The longest answer that is read.
const LONGEST: usize = 64 * 1024;

/// This site. Cheap to clone.
#[derive(Clone)]
pub struct RelyingParty {
    webauthn: Webauthn,
    origin: String,
}

/// Who adds a passkey. The id is stored on the device and comes back when it signs in without a name; it identifies
/// nobody elsewhere.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    /// The account.
    pub id: Uuid,
    /// The name used to sign in, shown by the device.
    pub login: &'a str,
    /// The person's name, shown by the device.
    pub name: &'a str,
}

/// Whose passkey an answer claims to be of, before anything is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The account.
    pub owner: Uuid,
    /// The id of the passkey, as [`Passkey::id`].
    pub credential: String,
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident($inner:ty)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name($inner);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )+};
}
states! {
    /// A registration that waits for its answer. Stays on the server and serves once.
    Registration(PasskeyRegistration),
    /// An authentication of a known person that waits for its answer. Stays on the server and serves once.
    Authentication(PasskeyAuthentication),
    /// An authentication of whoever answers. Stays on the server and serves once.
    Discovery(DiscoverableAuthentication),
}

impl RelyingParty {
    /// Takes the address people see, such as `https://practice.example`, and a name for the device to show.
    ///
    /// Passkeys belong to the host name: moving the site to another one loses them.
    ///
    /// # Errors
    /// [`PasskeyError::Origin`] unless it is `https` with a host name, or `localhost`.
    pub fn new(origin: &str, name: &str) -> Result<Self, PasskeyError> {
        let url = Url::parse(origin).map_err(|_| PasskeyError::Origin)?;
        let host = url.domain().ok_or(PasskeyError::Origin)?;
        let encrypted = url.scheme() == "https" || (url.scheme() == "http" && host == "localhost");
        if !encrypted || url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(PasskeyError::Origin);
        }
        let builder = WebauthnBuilder::new(host, &url).map_err(|_| PasskeyError::Origin)?;
        let webauthn = builder.rp_name(name).timeout(PATIENCE).build().map_err(|_| PasskeyError::Origin)?;
        Ok(Self { webauthn, origin: url.origin().ascii_serialization() })
    }

    /// Returns the address people see.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Starts adding a passkey on a device that holds none of `known`. Returns the options for
    /// `navigator.credentials.create`.
    ///
    /// # Errors
    /// [`PasskeyError::Owner`].
    pub fn start_registration(
        &self,
        owner: &Owner<'_>,
        known: &[Passkey],
    ) -> Result<(Value, Registration), PasskeyError> {
        let exclude = known.iter().map(|passkey| passkey.0.cred_id().clone()).collect();
        let started = self.webauthn.start_passkey_registration(owner.id, owner.login, owner.name, Some(exclude));
        let (options, state) = started.map_err(|_| PasskeyError::Owner)?;
        let mut options = serde_json::to_value(options).map_err(|_| PasskeyError::Owner)?;
        // Preferred and not required: without it nobody signs in without a name, with it small keys are refused.
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("preferred");
        Ok((options, Registration(state)))
    }

    /// Finishes adding a passkey.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`], [`PasskeyError::Refused`].
    pub fn finish_registration(&self, state: &Registration, answer: &str) -> Result<Passkey, PasskeyError> {
        let finished = self.webauthn.finish_passkey_registration(&read(answer)?, &state.0);
        finished.map(Passkey).map_err(|error| refused(&error))
    }

    /// Starts asking a known person for one of their passkeys. Returns the options for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`PasskeyError::NoPasskey`].
    pub fn start_authentication(&self, passkeys: &[Passkey]) -> Result<(Value, Authentication), PasskeyError> {
        let passkeys: Vec<_> = passkeys.iter().map(|passkey| passkey.0.clone()).collect();
        let started = self.webauthn.start_passkey_authentication(&passkeys);
        let (options, state) = started.map_err(|_| PasskeyError::NoPasskey)?;
        let options = serde_json::to_value(options).map_err(|_| PasskeyError::NoPasskey)?;
        Ok((options, Authentication(state)))
    }

    /// Starts asking whoever is there. Returns the options for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`PasskeyError::NoPasskey`], which does not happen.
    pub fn start_discovery(&self) -> Result<(Value, Discovery), PasskeyError> {
        let (mut options, state) =
            self.webauthn.start_discoverable_authentication().map_err(|_| PasskeyError::NoPasskey)?;
        // A button was pressed: the device asks at once instead of waiting in a list of suggestions.
        options.mediation = None;
        let options = serde_json::to_value(options).map_err(|_| PasskeyError::NoPasskey)?;
        Ok((options, Discovery(state)))
    }

    /// Reads whose passkey an answer claims to be of. Proves nothing.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn whose(&self, answer: &str) -> Result<Found, PasskeyError> {
        let answer: PublicKeyCredential = read(answer)?;
        let (owner, id) =
            self.webauthn.identify_discoverable_authentication(&answer).map_err(|_| PasskeyError::Malformed)?;
        Ok(Found { owner, credential: URL_SAFE_NO_PAD.encode(id) })
    }

    /// Reads by which passkey an answer claims to be given. Proves nothing.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`].
    pub fn which(&self, answer: &str) -> Result<String, PasskeyError> {
        Ok(URL_SAFE_NO_PAD.encode(read::<PublicKeyCredential>(answer)?.get_credential_id()))
    }

    /// Finishes asking a known person; the passkey that answered learns its new counter.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`], [`PasskeyError::Refused`], [`PasskeyError::Copied`].
    pub fn finish_authentication(
        &self,
        state: &Authentication,
        answer: &str,
        passkey: &mut Passkey,
    ) -> Result<(), PasskeyError> {
        let answer: PublicKeyCredential = read(answer)?;
        if answer.get_credential_id() != passkey.0.cred_id().as_slice() {
            return Err(PasskeyError::Refused);
        }
        learn(self.webauthn.finish_passkey_authentication(&answer, &state.0), passkey)
    }

    /// Finishes asking whoever was there; `passkey` is the one that [`whose`](Self::whose) named.
    ///
    /// # Errors
    /// [`PasskeyError::Malformed`], [`PasskeyError::Refused`], [`PasskeyError::Copied`].
    pub fn finish_discovery(&self, state: Discovery, answer: &str, passkey: &mut Passkey) -> Result<(), PasskeyError> {
        let answer: PublicKeyCredential = read(answer)?;
        let key = DiscoverableKey::from(&passkey.0);
        learn(self.webauthn.finish_discoverable_authentication_v2(&answer, state.0, &key), passkey)
    }
}

fn learn(result: Result<AuthenticationResult, WebauthnError>, passkey: &mut Passkey) -> Result<(), PasskeyError> {
    let result = result.map_err(|error| refused(&error))?;
    if !result.user_verified() || result.cred_id() != passkey.0.cred_id() {
        return Err(PasskeyError::Refused);
    }
    passkey.learn(&result);
    Ok(())
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > LONGEST {
        return Err(PasskeyError::Malformed);
    }
    serde_json::from_str(answer).map_err(|_| PasskeyError::Malformed)
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl fmt::Debug for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner").field("id", &self.id).finish_non_exhaustive()
    }
}
