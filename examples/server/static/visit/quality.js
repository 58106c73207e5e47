// How well the connection works: differences of WebRTC statistics since the last look, and what to say about it.

/** Sums the statistics of some connections; the worst path counts. */
export class Totals {
  #before = new Map();
  #at;

  async take(connections) {
    const now = performance.now();
    const seconds = this.#at === undefined ? 0 : (now - this.#at) / 1000;
    this.#at = now;
    const sum = { sent: 0, received: 0, lost: 0, arrived: 0, rtt: null, jitter: null, fps: 0, width: 0, height: 0, relayed: false };
    const after = new Map();
    for (const [index, connection] of connections.entries()) {
      if (connection.connectionState === "closed") continue;
      const stats = await connection.getStats();
      for (const item of stats.values()) this.#add(sum, stats, item, `${index}/${item.id}`, after);
    }
    this.#before = after;
    if (!seconds || sum.rtt === null) return null;
    const heard = sum.lost + sum.arrived;
    return {
      rtt_ms: Math.round(sum.rtt * 1000),
      jitter_ms: Math.round((sum.jitter ?? 0) * 1000),
      loss_percent: heard > 0 ? Math.round((sum.lost / heard) * 1000) / 10 : 0,
      up_kbps: Math.round((sum.sent * 8) / seconds / 1000),
      down_kbps: Math.round((sum.received * 8) / seconds / 1000),
      fps: Math.round(sum.fps), width: sum.width, height: sum.height, relayed: sum.relayed,
    };
  }

  #add(sum, stats, item, key, after) {
    const since = (name) => {
      const value = item[name] ?? 0;
      after.set(`${key}.${name}`, value);
      return Math.max(0, value - (this.#before.get(`${key}.${name}`) ?? 0));
    };
    const worst = (old, value) => (value === undefined ? old : Math.max(old ?? 0, value));
    if (item.type === "transport") {
      sum.sent += since("bytesSent");
      sum.received += since("bytesReceived");
      const pair = stats.get(item.selectedCandidatePairId);
      sum.rtt = worst(sum.rtt, pair?.currentRoundTripTime);
      sum.relayed ||= stats.get(pair?.localCandidateId)?.candidateType === "relay";
    } else if (item.type === "inbound-rtp") {
      sum.lost += since("packetsLost");
      sum.arrived += since("packetsReceived");
      if (item.kind === "audio") sum.jitter = worst(sum.jitter, item.jitter);
      if (item.kind === "video" && (item.frameHeight ?? 0) > sum.height) {
        Object.assign(sum, { fps: item.framesPerSecond ?? 0, width: item.frameWidth, height: item.frameHeight });
      }
    }
  }
}

export const words = { good: "Good connection", fair: "Fair connection", poor: "Poor connection", bad: "Bad connection" };

export const advice = {
  drop_video: ["The connection is too slow for good pictures. Turning your camera off helps the sound.", "Turn my camera off"],
  audio_only: ["The connection is too slow for pictures. Please go on with sound alone.", "Sound alone"],
  telephone: ["The connection is too slow even for sound. Please go on by telephone.", null],
};
