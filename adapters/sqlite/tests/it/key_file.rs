use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use mentalspace_core::{PracticeId, store::DataKey, store::KeyProvider, testing::SequenceEntropy};
use mentalspace_sqlite::{KeyFileError, key_file};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

fn write(path: &Path, content: &str, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_new_key_is_kept_for_its_owner_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/practice.key");
    let entropy = SequenceEntropy::default();
    let made = key_file::load_or_create(&path, &entropy).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    let practice = PracticeId::DIRECTORY;
    let wrapped = made.wrap(practice, &DataKey::new([9; 32]), [1; 12]).await.unwrap();
    let again = key_file::load_or_create(&path, &entropy).unwrap();
    assert_eq!(again.unwrap(practice, &wrapped).await.unwrap().expose(), &[9; 32]);
    let from_env = key_file::from_env(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(from_env.unwrap(practice, &wrapped).await.unwrap().expose(), &[9; 32]);
    let other = key_file::load_or_create(folder.path().join("other.key"), &entropy).unwrap();
    let refused = other.unwrap(practice, &wrapped).await.unwrap_err().to_string();
    assert!(refused.contains("is wrapped by local-"), "{refused}");
}

#[test]
fn of_many_that_make_a_key_all_use_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.key");
    let entropy = SequenceEntropy::default();
    let names: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| format!("{:?}", key_file::load_or_create(&path, &entropy).unwrap())))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.key");
    for mode in [0o640, 0o604, 0o660] {
        write(&path, KEY, mode);
        let refused = key_file::load_or_create(&path, &SequenceEntropy::default());
        assert!(matches!(refused, Err(KeyFileError::Exposed)), "{mode:o}: {refused:?}");
    }
    write(&path, KEY, 0o400);
    key_file::load_or_create(&path, &SequenceEntropy::default()).unwrap();
}

#[test]
fn anything_but_64_digits_is_refused_without_being_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("practice.key");
    let long = format!("{KEY}0");
    for content in ["", "5ec2e7", &KEY[1..], &long, &"secretzz".repeat(8), &format!("{KEY}\n\n\nmore")] {
        write(&path, content, 0o600);
        let refused = key_file::load_or_create(&path, &SequenceEntropy::default()).unwrap_err();
        assert!(matches!(refused, KeyFileError::Malformed), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), *content, "it is left alone");
        let refused = format!("{refused} {:?} {:?}", refused, key_file::from_env(content).unwrap_err());
        assert!(!refused.contains("5ec2e7") && !refused.contains("secretzz") && !refused.contains("0011"), "{refused}");
    }
    fs::write(&path, [0xFF; 64]).unwrap();
    let refused = key_file::load_or_create(&path, &SequenceEntropy::default());
    assert!(matches!(refused, Err(KeyFileError::Malformed)), "{refused:?}");
    assert!(!format!("{:?}", key_file::from_env(KEY).unwrap()).contains("0011"));
}
