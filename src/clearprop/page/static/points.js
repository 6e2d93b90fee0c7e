// A sample as a mark: its class by colour and by shape, a test sample hollow.

import { svg } from "/viewer/dom.js";

const SHAPES = [ // of the classes, around 0, 0 and about as large as a circle of radius 1
  "M-1,0 A1,1 0 1 0 1,0 A1,1 0 1 0 -1,0z",
  "M-.9,-.9 H.9 V.9 H-.9z",
  "M0,-1.2 L1.15,.9 H-1.15z",
  "M0,-1.3 L1.3,0 L0,1.3 L-1.3,0z",
  "M-1.1,-.4 H-.4 V-1.1 H.4 V-.4 H1.1 V.4 H.4 V1.1 H-.4 V.4 H-1.1z",
  "M0,1.2 L1.15,-.9 H-1.15z",
];
const RADIUS = 3.6;

/** The style of a class: more classes than colours share them. */
export function toneOf(code) {
  return `tone-${code % SHAPES.length}`;
}

/**
 * A sample at a place of the drawing: of a class by its code; of none (null), with `part` saying how far up its number
 * lies from 0 to 1. `kind` is "train" or "test".
 */
export function mark(code, part, [x, y], kind) {
  const element = svg("path", {
    d: SHAPES[(code ?? 0) % SHAPES.length],
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${RADIUS})`,
    class: `point ${kind} ${code === null ? "number" : toneOf(code)}`,
  });
  if (code === null) element.style.setProperty("--part", part);
  return element;
}
