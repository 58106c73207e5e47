use mentalspace_auth_policy::password::{Blocklist, Filter, FilterBuilder, FilterError, FilterKey};
use proptest::prelude::*;

fn built(passwords: &[&str]) -> Filter {
    let mut builder = FilterBuilder::new(0);
    for password in passwords {
        assert!(builder.add(password).unwrap());
    }
    builder.build().unwrap()
}

/// PW-11, ASVS 6.2.4 and 6.2.12.
#[test]
fn the_embedded_filter_lists_common_passwords_and_nothing_else() {
    let filter = Filter::embedded();
    assert!(filter.entries() > 40_000, "{}", filter.entries());
    assert_eq!(filter.min_code_points(), 8);
    for common in ["password1", "passw0rd", "trustno1trustno1", "iloveyou", "qwertyuiop", "1q2w3e4r5t6y"] {
        let listed = filter.contains(common);
        assert_eq!(listed, common != "trustno1trustno1", "{common}");
    }
    let random = (0..200_000).filter(|n| filter.contains(&format!("no such password {n}"))).count();
    assert_eq!(random, 0);
}

#[test]
fn entries_are_found_exactly_and_folded() {
    let filter = built(&["Straße und Brücke", "ALLCAPSPASSWORD"]);
    assert!(filter.contains("Straße und Brücke") && filter.contains("straße und brücke"));
    assert!(filter.contains("allcapspassword") && !filter.contains("AllCapsPassword"));
    assert!(filter.contains_key(FilterKey::of("ALLCAPSPASSWORD")));
    assert_eq!(filter.entries(), 4);
}

#[test]
fn hashes_of_a_corpus_are_entries() {
    let mut builder = FilterBuilder::new(8);
    let mut hash = [0; 20];
    hash.copy_from_slice(&[
        0x5b, 0xaa, 0x61, 0xe4, 0xc9, 0xb9, 0x3f, 0x3f, 0x06, 0x82, 0x25, 0x0b, 0x6c, 0xf8, 0x33, 0x1b, 0x7e, 0xe6,
        0x8f, 0xd8,
    ]);
    builder.add_key(FilterKey::of_sha1(hash)).unwrap();
    assert!(!builder.add("short").unwrap(), "shorter ones are left out");
    let filter = builder.build().unwrap();
    assert!(filter.contains("password") && !filter.contains("short"));
}

#[test]
fn the_order_and_repetition_of_entries_do_not_matter() {
    let one = built(&["a", "b", "c"]);
    assert_eq!(one.write(), built(&["c", "a", "b", "a"]).write());
    assert_eq!(one.entries(), 3);
    assert_eq!(built(&[]).entries(), 0);
    assert!(!built(&[]).contains("a"));
}

#[test]
fn every_changed_byte_of_a_file_is_noticed() {
    let file = built(&["one", "two", "three"]).write();
    assert!(Filter::read(&file).is_ok());
    for at in 0..file.len() {
        for bit in [0, 7] {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(Filter::read(&changed).is_err(), "byte {at}");
        }
    }
    for length in 0..file.len() {
        assert!(Filter::read(&file[..length]).is_err(), "{length} bytes");
    }
    assert!(Filter::read(&[file.clone(), vec![0]].concat()).is_err());
}

#[test]
fn errors_say_where() {
    let file = built(&["one"]).write();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = file.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        Filter::read(&changed).unwrap_err()
    };
    assert_eq!(with(0, b"X"), FilterError::Magic);
    assert_eq!(Filter::read(b"").unwrap_err(), FilterError::Magic);
    assert_eq!(with(8, &[2]), FilterError::Unknown { at: 8, what: "version", found: 2 });
    assert_eq!(with(9, &[9]), FilterError::Unknown { at: 9, what: "kind", found: 9 });
    assert!(matches!(with(16, &[255; 8]), FilterError::Header { at: 16, .. }));
    assert!(matches!(with(32, &[3]), FilterError::Header { at: 32, .. }));
    assert!(matches!(with(36, &[0; 4]), FilterError::Header { at: 36, .. }));
    assert!(matches!(with(40, &[255; 8]), FilterError::Header { at: 40, .. }));
    let end = file.len() - 1;
    assert!(matches!(with(end, &[!file[end]]), FilterError::Checksum { .. }));
    assert_eq!(with(9, &[9]).to_string(), "byte 9: kind 9 is not known");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_put_in_is_found_again_after_writing_and_reading(entries in prop::collection::hash_set("[ -~]{1,20}", 0..400)) {
        let entries: Vec<String> = entries.into_iter().collect();
        let texts: Vec<&str> = entries.iter().map(String::as_str).collect();
        let filter = Filter::read(&built(&texts).write()).unwrap();
        for text in texts {
            prop_assert!(filter.contains(text));
            prop_assert!(filter.contains(&text.to_lowercase()));
        }
        prop_assert!(!filter.contains("something else altogether"));
    }

    #[test]
    fn any_bytes_with_a_good_checksum_are_read_or_refused_and_never_looked_outside(mut header in prop::collection::vec(any::<u8>(), 56), body in prop::collection::vec(any::<u8>(), 0..600), small in any::<bool>()) {
        use sha2::{Digest, Sha256};
        header[0..2].copy_from_slice(&[1, 1]);
        if small {
            header[4..8].fill(0);
            header[10..16].fill(0);
            header[24..28].copy_from_slice(&4_u32.to_le_bytes());
            let words = u32::try_from(body.len() / 4).unwrap();
            header[28..32].copy_from_slice(&words.saturating_sub(8).to_le_bytes());
            header[32..40].copy_from_slice(&u64::from(words).to_le_bytes());
            header[40..].fill(0);
        }
        let mut file = [b"MSFILTER".as_slice(), &header, &body[..body.len() / 4 * 4]].concat();
        let checksum = Sha256::digest(&file);
        file.extend_from_slice(&checksum);
        if let Ok(filter) = Filter::read(&file) {
            for n in 0..50 {
                let _ = filter.contains(&n.to_string());
            }
        }
    }
}
