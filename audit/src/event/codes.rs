//! The code lists of the event schema.

use super::code::open_codes;

open_codes! {
    /// What was done, for reports and for mapping to other schemas.
    Action {
        /// Made something new.
        Create = "create",
        /// Saw one thing.
        Read = "read",
        /// Changed something.
        Update = "update",
        /// Removed something.
        Delete = "delete",
        /// Ran something: a job, a report, a call to another system.
        Execute = "execute",
        /// Searched or listed.
        Query = "query",
        /// Took data out of the system.
        Export = "export",
        /// Printed.
        Print = "print",
        /// Gave data to another party, 45 CFR 164.528.
        Disclose = "disclose",
        /// Signed in.
        Login = "login",
        /// Signed out.
        Logout = "logout",
        /// Failed to sign in.
        LoginFailed = "login_failed",
        /// Added or replaced a second factor.
        MfaEnrol = "mfa_enrol",
        /// Failed a second factor.
        MfaFail = "mfa_fail",
        /// Presented a one-time code a second time.
        OtpReplay = "otp_replay",
        /// Locked an account.
        Lock = "lock",
        /// Unlocked an account.
        Unlock = "unlock",
        /// Changed a password.
        PasswordChange = "password_change",
        /// Recovered an account.
        Recovery = "recovery",
        /// A session ended by time, by policy or by an administrator.
        SessionEnd = "session_end",
        /// Changed a policy.
        PolicyChange = "policy_change",
        /// Changed what somebody may do.
        RoleChange = "role_change",
        /// Took emergency access, 45 CFR 164.312(a)(2)(ii).
        BreakGlass = "break_glass",
        /// Reviewed an emergency access.
        BreakGlassReview = "break_glass_review",
        /// Destroyed a data key.
        KeyShred = "key_shred",
        /// Removed payloads of the log whose retention has ended.
        Prune = "prune",
        /// Set or lifted a legal hold.
        LegalHold = "legal_hold",
    }
}

open_codes! {
    /// Why it was done: codes of HL7 v3 PurposeOfUse.
    Purpose {
        /// Treatment.
        Treatment = "TREAT",
        /// Emergency treatment.
        EmergencyTreatment = "ETREAT",
        /// Break-glass.
        BreakGlass = "BTG",
        /// Payment.
        Payment = "HPAYMT",
        /// Health-care operations.
        Operations = "HOPERAT",
        /// System administration.
        SystemAdministration = "HSYSADMIN",
        /// Compliance.
        Compliance = "HCOMPL",
        /// Legal proceedings.
        Legal = "HLEGAL",
        /// At the request of the client.
        ClientRequest = "PATRQT",
        /// Public health.
        PublicHealth = "PUBHLTH",
        /// Research.
        Research = "HRESCH",
    }
}

open_codes! {
    /// Who acted.
    ActorKind {
        /// A signed-in person or service account.
        User = "user",
        /// The system itself: a job, a migration.
        System = "system",
        /// Nobody known.
        Anonymous = "anonymous",
    }
}

open_codes! {
    /// The authenticator assurance level of the session, NIST SP 800-63B-4.
    Assurance {
        /// One factor.
        Aal1 = "aal1",
        /// Two factors.
        Aal2 = "aal2",
        /// Two factors, one of them a key held in hardware.
        Aal3 = "aal3",
    }
}

open_codes! {
    /// How it ended.
    OutcomeKind {
        /// Done.
        Success = "success",
        /// Failed, to be tried again.
        Minor = "minor",
        /// Failed.
        Serious = "serious",
        /// Refused by a rule.
        Denied = "denied",
    }
}

open_codes! {
    /// What allows a disclosure.
    Basis {
        /// Treatment, payment or operations, 45 CFR 164.506.
        Tpo = "tpo",
        /// An authorization, 45 CFR 164.508.
        Authorization = "authorization",
        /// A consent, 42 CFR 2.31.
        Consent = "consent",
        /// Required by law, 45 CFR 164.512(a).
        RequiredByLaw = "required_by_law",
    }
}
