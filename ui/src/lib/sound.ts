// Short sounds beside what is written: paid rises, late is three equal tones, failed falls; of a
// refund the second tone is lower, and twice the same low tone asks for a person. Never the only
// sign.

export type Sound = "paid" | "late" | "failed" | "refund" | "person";

/** Hertz, one after the other. */
const TONES: Record<Sound, number[]> = {
  paid: [659, 880],
  late: [660, 660, 660],
  failed: [330, 220],
  refund: [880, 587],
  person: [392, 392],
};
const TONE_S = 0.14;
const LOUDNESS = 0.12;

let context: AudioContext | undefined;

/** Plays it where the computer can; silence is no error. */
export function play(sound: Sound): void {
  if (typeof AudioContext === "undefined") return;
  try {
    context ??= new AudioContext();
    // without a click or key press so far, the window is silent until resumed
    if (context.state === "suspended") context.resume().catch(() => undefined);
    const begin = context.currentTime + 0.02;
    for (const [at, hertz] of TONES[sound].entries()) tone(context, hertz, begin + at * TONE_S * 1.25);
  } catch {
    context = undefined;
  }
}

function tone(into: AudioContext, hertz: number, begin: number): void {
  const [source, volume] = [into.createOscillator(), into.createGain()];
  source.frequency.value = hertz;
  // it swells and fades, because a tone that is cut clicks
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
  volume.gain.linearRampToValueAtTime(0, begin + TONE_S);
  source.connect(volume).connect(into.destination);
  source.start(begin);
  source.stop(begin + TONE_S);
}
