// Answers one question per line of input with one line of output, by the vendor's own library.
const { createInterface } = require("node:readline");
const querystring = require("node:querystring");
const twilio = require("twilio");

const answers = {
  token({ account, key, secret, identity, room, issued, ttl }) {
    const real = Date.now;
    Date.now = () => issued * 1000;
    try {
      const token = new twilio.jwt.AccessToken(account, key, secret, { identity, ttl });
      token.addGrant(new twilio.jwt.AccessToken.VideoGrant({ room }));
      return token.toJwt();
    } finally {
      Date.now = real;
    }
  },
  // The signature of a form that came in this body, read by Node's own parser.
  signForm: ({ token, url, body }) => twilio.getExpectedTwilioSignature(token, url, { ...querystring.parse(body) }),
  signJson: ({ token, url }) => twilio.getExpectedTwilioSignature(token, url, {}),
  hash: ({ body }) => twilio.getExpectedBodyHash(body),
  validForm: ({ token, url, body, signature }) =>
    twilio.validateRequest(token, signature, url, { ...querystring.parse(body) }),
  validJson: ({ token, url, body, signature }) => twilio.validateRequestWithBody(token, signature, url, body),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { ask, ...question } = JSON.parse(line);
  console.log(JSON.stringify(answers[ask](question)));
});
