//! Every call that is made and every parameter that is sent: Twilio ignores what it does not know, so that a misspelt
//! name would go unnoticed.

use mentalspace_http::Method;

/// One call of Twilio Video's REST API.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// With a place `{…}` for each id.
    pub(crate) path: &'static str,
    pub(crate) parameters: &'static [&'static str],
}

macro_rules! operations {
    ($($name:ident = $method:ident $path:literal [$($parameter:literal)*];)+) => {
        $(pub(crate) static $name: Operation =
            Operation { method: Method::$method, path: $path, parameters: &[$($parameter),*] };)+
        #[cfg(test)]
        static ALL: &[&Operation] = &[$(&$name),+];
    };
}

operations! {
    CREATE_ROOM = POST "/v1/Rooms" [
        "UniqueName" "Type" "MaxParticipants" "MaxParticipantDuration" "EmptyRoomTimeout" "UnusedRoomTimeout"
        "RecordParticipantsOnConnect" "MediaRegion" "StatusCallback" "StatusCallbackMethod"
    ];
    FETCH_ROOM = GET "/v1/Rooms/{Sid}" [];
    END_ROOM = POST "/v1/Rooms/{Sid}" ["Status"];
    LIST_PARTICIPANTS = GET "/v1/Rooms/{RoomSid}/Participants" ["Status" "Identity" "PageSize"];
    DISCONNECT = POST "/v1/Rooms/{RoomSid}/Participants/{Sid}" ["Status"];
    RECORDING_RULES = POST "/v1/Rooms/{RoomSid}/RecordingRules" ["Rules"];
    LIST_RECORDINGS = GET "/v1/Rooms/{RoomSid}/Recordings" ["PageSize"];
    DELETE_RECORDING = DELETE "/v1/Recordings/{Sid}" [];
    CREATE_COMPOSITION = POST "/v1/Compositions" [
        "RoomSid" "AudioSources" "VideoLayout" "Format" "StatusCallback" "StatusCallbackMethod"
    ];
    LIST_COMPOSITIONS = GET "/v1/Compositions" ["RoomSid" "PageSize"];
    DELETE_COMPOSITION = DELETE "/v1/Compositions/{Sid}" [];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_and_parameter_is_in_the_vendors_description() {
        let text = include_str!("../tests/fake/video_v1.json");
        let description: serde_json::Value = serde_json::from_str(text).unwrap();
        for operation in ALL {
            let method = operation.method.as_str().to_ascii_lowercase();
            let call = &description["paths"][operation.path][&method];
            assert!(call.is_object(), "{method} {}", operation.path);
            let form = &call["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"];
            let query = call["parameters"].as_array().cloned().unwrap_or_default();
            for name in operation.parameters {
                let asked = query.iter().any(|known| known["in"] == "query" && known["name"] == *name);
                assert!(asked || form.get(name).is_some(), "{method} {} {name}", operation.path);
            }
        }
    }
}
