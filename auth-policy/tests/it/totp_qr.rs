use mentalspace_auth_policy::totp::{TotpError, TotpSecret, qr_svg};
use secrecy::{ExposeSecret, SecretString};

/// The dark modules of a picture, and its side, read from its path alone.
fn modules(svg: &str) -> (usize, Vec<(usize, usize)>) {
    let view = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
    let side = view.split(' ').next().unwrap().parse().unwrap();
    let path = svg.rsplit("d=\"").next().unwrap().split('"').next().unwrap();
    let mut dark = Vec::new();
    for run in path.split('M').skip(1) {
        let (place, length) = run.split_once('h').unwrap();
        let (x, y) = place.split_once(' ').unwrap();
        let length: usize = length.split('v').next().unwrap().parse().unwrap();
        assert_eq!(run, format!("{x} {y}h{length}v1h-{length}z"));
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        dark.extend((x..x + length).map(|x| (x, y)));
    }
    (side, dark)
}

fn read(svg: &str) -> String {
    const SCALE: usize = 4;
    let (side, dark) = modules(svg);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, |x, y| {
        if dark.contains(&(x / SCALE, y / SCALE)) { 0 } else { 255 }
    });
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

fn address(account: &str) -> SecretString {
    TotpSecret::from_bytes(*b"12345678901234567890").expose_uri("MentalSpace", account).unwrap()
}

#[test]
fn a_reader_finds_the_address_in_the_picture() {
    for account in ["a@b.c", "jon.smith@harborlights.example", &"x".repeat(250), "Jörg Öß <ü@example.org>"] {
        let address = address(account);
        let svg = qr_svg(&address, "QR code").unwrap();
        assert_eq!(read(svg.expose_secret()), address.expose_secret());
    }
}

#[test]
fn the_picture_has_whole_modules_and_four_empty_ones_around() {
    let svg = qr_svg(&address("jon@example.org"), "QR code").unwrap();
    let (side, dark) = modules(svg.expose_secret());
    assert_eq!((side - 8 - 17) % 4, 0, "a QR code has 17 + 4 v modules");
    let edge = |at: fn(&(usize, usize)) -> usize| (dark.iter().map(at).min(), dark.iter().map(at).max());
    assert_eq!(edge(|(x, _)| *x), (Some(4), Some(side - 5)));
    assert_eq!(edge(|(_, y)| *y), (Some(4), Some(side - 5)));
}

#[test]
fn the_picture_is_named_and_carries_no_markup_of_others() {
    let address = address("jon@example.org");
    let svg = qr_svg(&address, "<script>&\"").unwrap();
    let svg = svg.expose_secret();
    assert!(svg.contains("<title>&lt;script&gt;&amp;\"</title>"));
    assert!(!svg.contains("style") && !svg.contains("<script"));
    assert_eq!(svg, qr_svg(&address, "<script>&\"").unwrap().expose_secret());
}

#[test]
fn an_address_too_long_for_any_code_is_refused() {
    assert_eq!(qr_svg(&"x".repeat(2400).into(), "").unwrap_err(), TotpError::TooLong);
}
