// Stands for the SDK's index where one of its files asks for these two alone.
const { default: MeetingSessionStatus } = require("amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatus");
const { default: MeetingSessionStatusCode } = require("amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode");
module.exports = { MeetingSessionStatus, MeetingSessionStatusCode };
