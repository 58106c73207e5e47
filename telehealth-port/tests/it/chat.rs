use mentalspace_core::store::Document;
use mentalspace_telehealth_port::ParticipantId;
use mentalspace_telehealth_port::chat::{ChatError, ChatPolicy, Draft, MAX_MESSAGES, Message, MessageId, MessageKind};
use uuid::Uuid;

use crate::fixture::{CLIENT, CLINICIAN, Run, client_id, minute};

fn write(run: &Run, number: u32, from: ParticipantId, kind: MessageKind, text: &str) -> Result<Message, ChatError> {
    let draft = Draft { kind, text: text.to_owned().into() };
    let id = MessageId::from_uuid(Uuid::from_u128(1));
    Message::write(id, &run.visit, number, from, &draft, ChatPolicy::default(), minute(5))
}

#[test]
fn those_in_the_room_write_and_chat_is_forgotten() {
    let message = write(&Run::in_progress(), 1, CLIENT, MessageKind::Chat, " The sound is gone. \n").unwrap();
    assert_eq!(message.text.expose(), "The sound is gone.");
    assert_eq!(message.client, Some(client_id(0xA1)));
    assert!(!message.is_due(minute(5 + 24 * 60 - 1)) && message.is_due(minute(5 + 24 * 60)));
}

#[test]
fn nobody_writes_before_admission_or_after_the_end() {
    for run in [Run::waiting(), Run::ended()] {
        let refused = write(&run, 1, CLIENT, MessageKind::Chat, "Hello?");
        assert_eq!(refused, Err(ChatError::NotInVisit));
    }
}

#[test]
fn notes_are_shared_by_hosts_and_kept() {
    let run = Run::in_progress();
    assert_eq!(write(&run, 1, CLIENT, MessageKind::SharedNote, "Breathe."), Err(ChatError::NotHost));
    let note = write(&run, 1, CLINICIAN, MessageKind::SharedNote, "Breathe.").unwrap();
    assert_eq!(note.forget_at, None);
    assert!(note.terms().iter().any(|term| format!("{term:?}").contains("shared_with")));
}

#[test]
fn messages_are_bounded_in_length_number_and_alphabet() {
    let run = Run::in_progress();
    for text in ["", " \n ", "a\u{1b}[31m", &"x".repeat(4001)] {
        assert!(matches!(write(&run, 1, CLIENT, MessageKind::Chat, text), Err(ChatError::Invalid(_))), "{text:.9}");
    }
    assert_eq!(write(&run, MAX_MESSAGES + 1, CLIENT, MessageKind::Chat, "x"), Err(ChatError::TooMany));
}

#[test]
fn a_message_shows_nothing_of_its_text_in_debug() {
    let message = write(&Run::in_progress(), 1, CLIENT, MessageKind::Chat, "Larkspur").unwrap();
    assert!(!format!("{message:?}").contains("Larkspur"));
    assert!(!format!("{:?}", Draft { kind: message.kind, text: message.text }).contains("Larkspur"));
}
