// What the visit page uses of the Amazon Chime SDK for JavaScript.
export { default as AudioProfile } from "amazon-chime-sdk-js/build/audioprofile/AudioProfile";
export { default as DefaultDeviceController } from "amazon-chime-sdk-js/build/devicecontroller/DefaultDeviceController";
export { default as DefaultEventController } from "amazon-chime-sdk-js/build/eventcontroller/DefaultEventController";
export { default as DefaultMeetingSession } from "amazon-chime-sdk-js/build/meetingsession/DefaultMeetingSession";
export { default as MeetingSessionConfiguration } from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionConfiguration";
export { default as MeetingSessionStatusCode } from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode";
export { default as NoOpEventReporter } from "amazon-chime-sdk-js/build/eventreporter/NoOpEventReporter";
export { default as NoOpLogger } from "amazon-chime-sdk-js/build/logger/NoOpLogger";
