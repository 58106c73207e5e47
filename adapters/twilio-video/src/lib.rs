//! Twilio Video rooms behind the telehealth port.
