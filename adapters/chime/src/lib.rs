//! Amazon Chime SDK meetings and media pipelines behind the telehealth port.
