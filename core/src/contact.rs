//! Ways to reach a person: telephone and e-mail.

use crate::value::text_value;

text_value! {
    /// A telephone number in E.164, such as `+15555550123`. Ten digits, or eleven with a leading 1, are taken as US.
    phi Phone, "phone", |text| {
        let text = text.trim();
        let (international, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        if rest.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '-' | '.' | '(' | ')' | ' '))) {
            return Err("holds a character that no number has");
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let us = match (digits.len(), international) {
            (11, _) => digits.strip_prefix('1'),
            (10, false) => Some(&*digits),
            _ => None,
        };
        match us {
            Some(number) if !number.starts_with(['0', '1']) => Ok(format!("+1{number}")),
            None if international && (8..=15).contains(&digits.len()) && !digits.starts_with(['0', '1']) => {
                Ok(format!("+{digits}"))
            }
            _ => Err("must be ten US digits or international with a leading plus"),
        }
    }
}

impl Phone {
    /// Reads the ten digits of a US number, as X12 and forms want them.
    #[must_use]
    pub fn expose_us(&self) -> Option<&str> {
        self.expose().strip_prefix("+1").filter(|rest| rest.len() == 10)
    }
}

text_value! {
    /// An e-mail address: one `@`, a host with a dot, no white space, at most 254 characters; the host in lower case.
    phi Email, "e-mail", |text| {
        let text = text.trim();
        let Some((local, host)) = text.rsplit_once('@') else { return Err("has no @") };
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
        if text.len() > 254 || local.len() > 64 {
            Err("is too long")
        } else if local.is_empty() || local.contains('@') || text.contains(bad) {
            Err("is not an address")
        } else if host.split('.').count() < 2 || host.split('.').any(str::is_empty) {
            Err("has no complete host")
        } else {
            Ok(format!("{local}@{}", host.to_lowercase()))
        }
    }
}
