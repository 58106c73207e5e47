// One face for every video service.
//
// A service is an object with
//   grantOf(credential)       the name it gives in the room
//   join(credential, tracks)  enters; resolves once inside, rejects with a word: "refused", "full", "failed"
//   setTracks(tracks)         what is sent from now on: { audio, video, screen }, tracks or null
//   leave()                   goes on purpose
//   stats()                   what went through since the last call (see quality.js), or null
//   onPeer(grant, peer)       somebody is there or has changed: { audio, video, screen: tracks or null, muted, level? };
//                             null when gone
//   onState(word)             "connected", "dropped" (rejoin with a new credential), "replaced", "removed", "ended"
//   onPermitted(media)        what may be sent: { audio, video, screen }
//   element                   set where the service plays the sound by itself

const services = {
  local: () => import("./media/local.js"),
  janus: () => import("./media/janus.js"),
  chime: () => import("./media/chime.js"),
};

export async function service(provider) {
  if (!services[provider]) throw new Error("unsupported");
  return new (await services[provider]()).default();
}
