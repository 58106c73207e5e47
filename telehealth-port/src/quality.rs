//! How good a connection is: samples from the browser, the simplified E-model of ITU-T G.107, and what to advise.
//!
//! Pure and deterministic: the same samples give the same verdicts. Bands, hard limits and hysteresis are data.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Least time between two samples of one person; what comes faster is refused.
pub const SPACING: TimeDelta = TimeDelta::seconds(5);
/// Without a sample for this long, nothing is known about a connection.
pub const SILENCE: TimeDelta = TimeDelta::seconds(75);
/// Most samples that count towards a visit's report: two hours and both extensions at two a minute, thrice over.
pub const MAX_SAMPLES: u32 = 1200;

/// What a browser measured over the last interval, usually 30 s. Loss is that of the interval, not since the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// When, by the browser's clock.
    pub at: DateTime<Utc>,
    /// Round trip in milliseconds.
    pub rtt_ms: f64,
    /// Jitter in milliseconds.
    pub jitter_ms: f64,
    /// Packets lost, 0 to 100.
    pub loss_percent: f64,
    /// Sent, in kbit/s.
    #[serde(default)]
    pub up_kbps: f64,
    /// Received, in kbit/s.
    #[serde(default)]
    pub down_kbps: f64,
    /// Pictures a second, received.
    #[serde(default)]
    pub fps: Option<f64>,
    /// Width of the received picture in pixels.
    #[serde(default)]
    pub width: Option<u32>,
    /// Its height.
    #[serde(default)]
    pub height: Option<u32>,
    /// Whether media goes through a relay.
    #[serde(default)]
    pub relayed: bool,
}

/// Why a sample is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// A value no connection can have.
    #[error("{what} is impossible")]
    Impossible {
        /// Which.
        what: &'static str,
    },
    /// Sooner after the last than [`SPACING`].
    #[error("samples come too fast")]
    TooFast,
    /// The browser's clock is more than two minutes off, or runs backwards.
    #[error("the sample's time is not now")]
    Clock,
    /// More samples than a visit can have.
    #[error("too many samples")]
    TooMany,
}

/// Largest believable skew of a browser's clock.
const SKEW: TimeDelta = TimeDelta::minutes(2);

impl Sample {
    /// Checks that a connection can have been so.
    ///
    /// # Errors
    /// [`SampleError::Impossible`] or [`SampleError::Clock`].
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), SampleError> {
        let bounds = [
            ("round trip", self.rtt_ms, 60_000.0),
            ("jitter", self.jitter_ms, 60_000.0),
            ("loss", self.loss_percent, 100.0),
            ("bit rate", self.up_kbps, 1e6),
            ("bit rate", self.down_kbps, 1e6),
            ("picture rate", self.fps.unwrap_or_default(), 1000.0),
        ];
        for (what, value, most) in bounds {
            if !(0.0..=most).contains(&value) {
                return Err(SampleError::Impossible { what });
            }
        }
        if [self.width, self.height].into_iter().flatten().any(|pixels| pixels > 16_384) {
            return Err(SampleError::Impossible { what: "picture size" });
        }
        if (self.at - now).abs() > SKEW { Err(SampleError::Clock) } else { Ok(()) }
    }
}

/// Constants of the E-model that depend on the codec.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Codec {
    /// Impairment of the codec itself (Ie).
    pub impairment: f64,
    /// Robustness against loss (Bpl).
    pub robustness: f64,
}

impl Default for Codec {
    /// G.711 with concealment; no value is standardised for Opus.
    fn default() -> Self {
        Self { impairment: 0.0, robustness: 25.1 }
    }
}

/// An estimate of what a listener would say, from 1 (bad) to 4.5.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeanOpinion(f64);

impl MeanOpinion {
    /// Estimates from delay, jitter and loss (ITU-T G.107 in its short form): the one-way delay is half the round trip,
    /// two jitters of buffer and ten milliseconds of codec.
    #[must_use]
    pub fn of(sample: &Sample, codec: Codec) -> Self {
        let delay = sample.rtt_ms / 2.0 + 2.0 * sample.jitter_ms + 10.0;
        let delayed = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
        let lost = sample.loss_percent;
        let impaired = codec.impairment + (95.0 - codec.impairment) * lost / (lost + codec.robustness);
        Self::of_rating(93.2 - delayed - impaired)
    }

    /// Converts the rating R. The cubic of the standard falls again below R of about 6.5, and leaves the scale above
    /// 100: there it is held.
    fn of_rating(rating: f64) -> Self {
        let r = rating.clamp(6.5, 100.0);
        Self((1.0 + 0.035 * r + 7e-6 * r * (r - 60.0) * (100.0 - r)).clamp(1.0, 4.5))
    }

    /// Returns the value.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    /// Returns the band.
    #[must_use]
    pub fn band(self) -> Band {
        match self.0 {
            mos if mos >= 4.0 => Band::Good,
            mos if mos >= 3.6 => Band::Fair,
            mos if mos >= 3.1 => Band::Poor,
            _ => Band::Bad,
        }
    }
}

impl fmt::Display for MeanOpinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", self.0)
    }
}

/// How good, in four steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Hardly usable.
    Bad,
    /// An effort.
    Poor,
    /// Usable.
    Fair,
    /// As in the same room.
    Good,
}

/// Judges one sample: by the estimate, and no better than poor beyond a hard limit (loss 5 %, round trip 400 ms,
/// jitter 60 ms).
#[must_use]
pub fn judge(sample: &Sample, codec: Codec) -> (MeanOpinion, Band) {
    let opinion = MeanOpinion::of(sample, codec);
    let beyond = sample.loss_percent >= 5.0 || sample.rtt_ms >= 400.0 || sample.jitter_ms >= 60.0;
    (opinion, if beyond { opinion.band().min(Band::Poor) } else { opinion.band() })
}

/// What to do about a bad connection, one step after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Switch the own camera off.
    DropVideo,
    /// Go on with sound alone.
    AudioOnly,
    /// Use the telephone.
    Telephone,
}

/// One person's connection over a visit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Monitor {
    last_at: Option<DateTime<Utc>>,
    band: Option<Band>,
    degraded: bool,
    poor_in_a_row: u32,
    fair_in_a_row: u32,
    advice: Option<Advice>,
    samples: u32,
    opinions: f64,
    worst: Option<MeanOpinion>,
    degradations: u32,
    relayed: u32,
    lost: f64,
    slowest_ms: f64,
}

/// What a sample changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verdict {
    /// Of this sample.
    pub band: Band,
    /// Of this sample.
    pub opinion: MeanOpinion,
    /// Whether the connection counts as degraded.
    pub degraded: bool,
    /// What to do about it.
    pub advice: Option<Advice>,
}

impl Monitor {
    /// Takes a sample. Degraded after one bad or two poor in a row; recovered after three fair or better in a row. Every
    /// two further poor samples advise the next step.
    ///
    /// # Errors
    /// [`SampleError`]; nothing has changed then.
    pub fn take(&mut self, sample: &Sample, codec: Codec, now: DateTime<Utc>) -> Result<Verdict, SampleError> {
        sample.check(now)?;
        if self.samples >= MAX_SAMPLES {
            return Err(SampleError::TooMany);
        }
        match self.last_at {
            Some(last) if now < last => return Err(SampleError::Clock),
            Some(last) if now - last < SPACING => return Err(SampleError::TooFast),
            Some(_) | None => self.last_at = Some(now),
        }
        let (opinion, band) = judge(sample, codec);
        self.samples += 1;
        self.opinions += opinion.value();
        self.worst = Some(self.worst.map_or(opinion, |worst| if opinion < worst { opinion } else { worst }));
        self.relayed += u32::from(sample.relayed);
        self.lost += sample.loss_percent;
        self.slowest_ms = self.slowest_ms.max(sample.rtt_ms);
        self.band = Some(band);
        if band >= Band::Fair {
            (self.poor_in_a_row, self.fair_in_a_row) = (0, self.fair_in_a_row + 1);
            if self.fair_in_a_row >= 3 {
                (self.degraded, self.advice) = (false, None);
            }
        } else {
            (self.poor_in_a_row, self.fair_in_a_row) = (self.poor_in_a_row + 1, 0);
            if band == Band::Bad || self.poor_in_a_row >= 2 {
                self.degradations += u32::from(!self.degraded);
                let step = !self.degraded || self.poor_in_a_row.is_multiple_of(2);
                self.degraded = true;
                if step {
                    self.advice = Some(match self.advice {
                        None => Advice::DropVideo,
                        Some(Advice::DropVideo) => Advice::AudioOnly,
                        Some(Advice::AudioOnly | Advice::Telephone) => Advice::Telephone,
                    });
                }
            }
        }
        Ok(Verdict { band, opinion, degraded: self.degraded, advice: self.advice })
    }

    /// Returns the band of the last sample; `None` once nothing came for [`SILENCE`].
    #[must_use]
    pub fn band(&self, now: DateTime<Utc>) -> Option<Band> {
        self.band.filter(|_| self.last_at.is_some_and(|last| now - last <= SILENCE))
    }

    /// Sums the connection up; `None` without a sample.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        let samples = self.samples;
        let opinion = |value: f64| MeanOpinion(value.clamp(1.0, 4.5));
        let share = |count: f64| count / f64::from(samples);
        (samples > 0).then(|| Report {
            samples,
            mean: opinion(share(self.opinions)),
            worst: self.worst.unwrap_or(opinion(1.0)),
            degradations: self.degradations,
            loss_percent: share(self.lost),
            slowest_ms: self.slowest_ms,
            relayed: share(f64::from(self.relayed)),
        })
    }
}

/// One person's connection, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// How many samples.
    pub samples: u32,
    /// Their mean.
    pub mean: MeanOpinion,
    /// The worst of them.
    pub worst: MeanOpinion,
    /// How often the connection became degraded.
    pub degradations: u32,
    /// Mean loss, 0 to 100.
    pub loss_percent: f64,
    /// Longest round trip in milliseconds.
    pub slowest_ms: f64,
    /// Share of the samples that went through a relay, 0 to 1.
    pub relayed: f64,
}

/// What a browser found before the visit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCheck {
    /// Whether there is a camera that may be used.
    pub camera: bool,
    /// Whether there is a microphone that may be used.
    pub microphone: bool,
    /// Whether the person heard the test tone.
    pub speaker: bool,
    /// To the practice's server, in kbit/s, over at least three seconds or one mebibyte.
    pub up_kbps: f64,
    /// From the practice's server.
    pub down_kbps: f64,
    /// Whether the relay was reached; unknown without one.
    pub relay: Option<bool>,
}

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Readiness {
    /// Video will do.
    Good,
    /// Video may stutter.
    Warn,
    /// Sound alone.
    AudioOnly,
    /// Not even that: the telephone.
    Poor,
}

impl DeviceCheck {
    /// Judges: video from 1 Mbit/s both ways, with stutter from 300 kbit/s, sound from 50 kbit/s and with a microphone.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let slower = self.up_kbps.min(self.down_kbps);
        let measured = self.up_kbps.is_finite() && self.down_kbps.is_finite();
        let usable = measured && self.microphone && self.speaker && self.relay != Some(false);
        match slower {
            _ if !usable => Readiness::Poor,
            rate if rate < 50.0 => Readiness::Poor,
            rate if rate < 300.0 || !self.camera => Readiness::AudioOnly,
            rate if rate < 1000.0 => Readiness::Warn,
            _ => Readiness::Good,
        }
    }
}
