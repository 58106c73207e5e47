use mentalspace_auth_policy::password::{Blocklist, CommonPasswords};

/// PW-11, ASVS 6.2.4.
#[test]
fn common_long_passwords_are_listed() {
    for text in [
        "password",
        "passwordpassword",
        "Password2026!",
        "P@ssw0rd!2026",
        "drowssap12345678",
        "qwertyuiop123456",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "!QAZ@WSX#EDC$RFV",
        "zaq1xsw2cde3vfr4",
        "1q2w3e4r5t6y7u8i",
        "123456789012345",
        "987654321987654321",
        "1111111111111111",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "iloveyou iloveyou",
        "SummerSummer2026!",
        "Winter2025Winter2025",
        "September 2026!",
        "TherapySession1!",
        "MentalHealth2026",
        "letmein-letmein",
        "S3ss10nNotes2026",
        "147258369147258",
        "football1234567",
        "azertyuiop12345",
    ] {
        assert!(CommonPasswords.contains(text), "{text}");
    }
}

#[test]
fn uncommon_passwords_are_not_listed() {
    for text in [
        "four walnuts under a lamp",
        "summer dragon coffee monkey",
        "correct horse battery staple",
        "748201957362910473",
        "password for the old green shed",
        "Zx9#kQ2!vL7$mN4p",
        "雨上がりの坂道で猫が三匹ねむる",
        "passwort-kümmelofen",
        "",
        "7",
    ] {
        assert!(!CommonPasswords.contains(text), "{text}");
    }
}
