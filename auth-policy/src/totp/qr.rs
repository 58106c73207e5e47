//! The QR code by which an app reads its secret, as a picture that needs no script.
//!
//! Invariants: a pure function of the address; one unit of the picture is one module; four empty modules on every side.
//! Standard: ISO/IEC 18004, SVG 1.1.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::{ExposeSecret, SecretString};

use super::TotpError;

/// The empty modules that readers need on every side.
const QUIET: i32 = 4;

/// Draws an `otpauth://` address as an SVG element whose accessible name is `title`.
///
/// The result holds the secret: it is shown once, like the address, and never kept.
///
/// # Errors
/// [`TotpError::TooLong`] when the address does not fit into a QR code.
pub fn qr_svg(address: &SecretString, title: &str) -> Result<SecretString, TotpError> {
    let code = QrCode::encode_text(address.expose_secret(), QrCodeEcc::Medium).map_err(|_| TotpError::TooLong)?;
    let size = code.size();
    let side = size + 2 * QUIET;
    let mut dark = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| code.get_module(*x, y)).count() as i32;
            if run > 0 {
                // Writing into a string cannot fail.
                let _ = write!(dark, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><title>{title}</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>"##
    )
    .into())
}
