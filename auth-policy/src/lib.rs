//! NIST SP 800-63B-4 password policy, TOTP, lockout and session rules, without a server.
