// The viewer's words: English, unless a page hands in those of another language under the same keys.

export const WORDS = {
  "phase.given": "given",
  "phase.forward": "forward",
  "phase.loss": "loss",
  "phase.backward": "backward",
  "phase.update": "update",
  "pass.forward": "forward pass",
  "pass.loss": "loss",
  "pass.backward": "backward pass",
  "pass.update": "update",

  "layers.inputs": "inputs",
  "layers.layer": "layer {number}",

  "step.from": "from",
  "step.shape": "Shape {shape}",
  "step.row": "row {row}: {numbers}",
  "step.note": "There is a note on this step",

  "array.number": "one number",
  "array.by": "by",
  "array.shown": "Shown: its corner, and its largest entries.",
  "array.copy": "copy",
  "array.copied": "copied",
  "array.uncopied": "not allowed here",
  "array.digits": "Copy {name} with all digits",

  "entry.missing": "not on this page",
  "entry.closed": "{entry}; its derivation is not on this page: {call} shows it",
  "entry.label": "Derivation of {entry}",
  "entry.unheld": "This page does not hold how {entry} came about. In Python: {call}",
  "entry.named": "This is {entry}.",
  "entry.given": "It is given, not computed.",
  "entry.rest": "rest: {count} more terms, together {value}.",
  "entry.trail": "How you came here",
  "entry.close": "Close (Esc)",
  "entry.close.label": "Close the derivation",
  "entry.step": "go to its step",
  "entry.copy": "Copy all digits",

  "paths.one": "The gradient as a sum over one path",
  "paths.many": "The gradient as a sum over {count} paths",
  "paths.one.penalty": "The gradient as a sum over one path and the penalty",
  "paths.many.penalty": "The gradient as a sum over {count} paths and the penalty",
  "paths.rest": "{count} smaller paths, together {value}",
  "paths.penalty": "the penalty: {value}",
  "paths.smallest": "the smallest",
  "paths.sample": "sample {sample}: ",

  "drawing.label": "The network {sizes} with the numbers of sample {sample}",
  "drawing.label.step": "The network {sizes} with the numbers of sample {sample}, at step {step}",
  "drawing.targets": "targets",
  "drawing.more": "{count} more",
  "drawing.sample": "sample",
  "drawing.samples": "(0 to {last})",
  "drawing.why": "that of",

  "losses": "loss {before}",

  "run.start": "To the start (Home)",
  "run.back": "One step back (←)",
  "run.play": "Play (Space)",
  "run.pause": "Pause (Space)",
  "run.on": "One step on (→)",
  "run.end": "To the end (End)",
  "run.speed": "Speed"
};
let spoken = WORDS;

/** Speak another language from now on, before anything is drawn; what its table lacks stays English. */
export function speak(table) {
  spoken = { ...WORDS, ...table };
}

/** The text of a key, with "{name}" replaced by its value. */
export function word(key, values = {}) {
  if (!(key in spoken)) throw new Error(`no words for "${key}"`);
  return spoken[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A sentence that Python wrote, in the language that is spoken; undefined where the table lacks it. */
export function translated(sentence) {
  return spoken[sentence];
}
