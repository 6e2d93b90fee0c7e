// The plane coloured by what the network says there.

import { toneOf } from "./points.js";

const systems = matchMedia("(prefers-color-scheme: dark)");
const known = new Map(); // colours of the present theme, by the name of their class
const STRENGTH = 0.55; // of a colour at its strongest over the paper, so that points stand out

onTheme(() => known.clear());

/** Call a listener when light turns to dark or back: a painted picture does not follow by itself. */
export function onTheme(listener) {
  systems.addEventListener("change", listener);
  new MutationObserver(listener).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

/**
 * Paint a picture's bytes. For two classes and for numbers a byte lies between the ends of the picture's range, and
 * `tint(number)` says how far that is from −1 (minus) to 1 (plus); else it is the number of a class.
 */
export function shade(canvas, { size: [width, height], values, range, classes }, tint) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const colours = classes > 2 ? classColours(canvas, classes) : blend(canvas, range, tint);
  const bytes = atob(values);
  for (let k = 0; k < bytes.length; k += 1) image.data.set(colours[bytes.charCodeAt(k)], 4 * k);
  context.putImageData(image, 0, 0);
}

/** The colours of all bytes, from minus over nothing to plus. */
function blend(canvas, [from, to], tint) {
  const [minus, plus] = [colourOf(canvas, toneOf(0)), colourOf(canvas, toneOf(1))];
  return Array.from({ length: 256 }, (_, byte) => {
    const part = Math.min(Math.max(tint(from + (byte / 255) * (to - from)), -1), 1);
    return [...(part < 0 ? minus : plus), 255 * STRENGTH * Math.abs(part)];
  });
}

function classColours(canvas, classes) {
  return Array.from({ length: classes }, (_, code) => [...colourOf(canvas, toneOf(code)), 255 * STRENGTH]);
}

/** What a class of the style sheet colours with, in the present theme: red, green and blue. */
function colourOf(canvas, name) {
  if (!known.has(name)) {
    canvas.className = name;
    known.set(name, getComputedStyle(canvas).color.match(/[\d.]+/g).slice(0, 3).map(Number));
  }
  return known.get(name);
}
