//! Keeps what the engine was told and what it asked for, so that the session can be played again: the same events must
//! give the same effects.

use leanwright_engine::{Effect, EngineSettings, Event, Millis};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The first line of a recording.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordingHead {
    pub leanwright: String,
    pub settings: EngineSettings,
}

/// Every other line.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordedStep {
    pub at: Millis,
    #[serde(flatten)]
    pub event: Event,
    pub effects: Vec<Effect>,
}

/// Writes a recording. A write that fails ends it: the session goes on.
pub struct Recorder {
    output: Option<Box<dyn Write + Send + Sync>>,
}

impl Recorder {
    pub fn new(output: Box<dyn Write + Send + Sync>, settings: &EngineSettings) -> Self {
        let mut recorder = Self { output: Some(output) };
        let leanwright = env!("CARGO_PKG_VERSION").to_owned();
        recorder.line(&RecordingHead { leanwright, settings: settings.clone() });
        recorder
    }

    pub(crate) fn record(&mut self, at: Millis, event: &Event, effects: &[Effect]) {
        self.line(&RecordedStep { at, event: event.clone(), effects: effects.to_vec() });
    }

    fn line(&mut self, record: &impl Serialize) {
        let Some(output) = &mut self.output else { return };
        let written = serde_json::to_vec(record).map_err(std::io::Error::other).and_then(|mut line| {
            line.push(b'\n');
            output.write_all(&line)?;
            output.flush()
        });
        if let Err(error) = written {
            tracing::error!("the recording of events ends here: {error}");
            self.output = None;
        }
    }
}
